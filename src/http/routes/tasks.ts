// /tasks and GET /health of Propeller's manager: tasks posted, started, stopped, asked for, removed.

import { randomUUID } from "node:crypto"
import { Effect, Either } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { CommandId, ProcessId } from "../../domain/Brands.ts"
import type { Command } from "../../domain/Command.ts"
import { now } from "../../domain/Moment.ts"
import { aggregatedOf, metricsOf } from "../../domain/tasks/messages.ts"
import { read } from "../../domain/tasks/readTask.ts"
import { proplets } from "../../projections/proplets.ts"
import { taskMetrics } from "../../projections/taskMetrics.ts"
import { type View, Views } from "../../projections/Views.ts"
import { MetricsList, taskAnswer, TaskAnswer, TaskBody, TasksAnswer } from "../../wire/tasks.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofReading, ofSubmitting } from "../problems.ts"
import type { Answer, Route, RouteRequest } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import { pageParameters, paged } from "./paged.ts"
import { toldRefusal } from "./refusals.ts"
import { withinRoots } from "./startRequest.ts"

const common = { errors: "error", tag: "tasks" } as const
const query = { ...common, _tag: "Query", method: "GET", role: "viewer" } as const
const command = { ...common, _tag: "Effect", role: "operator" } as const

const stopGraceMillis = 10_000

export const taskRoutes = (settings: RouteSettings): ReadonlyArray<Route> => [
  {
    ...query,
    path: "/health",
    summary: "The manager is there.",
    answer: () => ({ status: 200, body: { status: "pass" } }),
  },
  {
    ...query,
    path: "/tasks",
    summary: "Every task.",
    parameters: pageParameters,
    response: TasksAnswer,
    answer: (request, view) =>
      paged(request, "tasks", Array.from(view.state(taskMetrics).tasks.byId.values()), (one) =>
        taskAnswer(one, propletOf(settings)),
      ),
  },
  {
    ...query,
    path: "/tasks/:id",
    summary: "One task.",
    response: TaskAnswer,
    answer: (request, view) => oneTask(view, idOf(request), settings),
  },
  {
    ...query,
    path: "/tasks/:id/metrics",
    summary: "What a task used, look by look: as many as its profile keeps; of other proplets' tasks, what they told.",
    parameters: pageParameters,
    response: MetricsList,
    answer: (request, view) => metricsOfTask(request, view, settings),
  },
  {
    ...command,
    method: "POST",
    path: "/tasks",
    summary: "Takes a task, and starts it unless it says otherwise.",
    requestBody: TaskBody,
    response: TaskAnswer,
    answer: (request) => define(request, settings),
  },
  {
    ...command,
    method: "POST",
    path: "/tasks/:id/start",
    summary: "Starts a task; nothing changes for one that runs.",
    response: TaskAnswer,
    answer: (request) => start(request, settings),
  },
  {
    ...command,
    method: "POST",
    path: "/tasks/:id/stop",
    summary: "Stops a task: SIGTERM, and SIGKILL after ten seconds.",
    response: TaskAnswer,
    answer: (request) => stop(request, settings),
  },
  {
    ...command,
    method: "DELETE",
    path: "/tasks/:id",
    summary: "Drops a task that does not run.",
    answer: (request) => remove(request),
  },
]

const propletOf = ({ tasks }: RouteSettings): string => tasks?.proplet ?? "recorded"

const idOf = (request: RouteRequest): string => request.params["id"] ?? ""

const oneTask = (view: View, id: string, settings: RouteSettings, status = 200): Answer | Problem => {
  const task = view.state(taskMetrics).tasks.byId.get(id)
  return task === undefined ? notFound(id) : { status, body: taskAnswer(task, propletOf(settings)) }
}

const notFound = (id: string): Problem =>
  new Problem({
    status: 404,
    kind: "task-not-found",
    detail: `no task has the id ${JSON.stringify(id.slice(0, 100))}; GET /tasks lists them`,
  })

const metricsOfTask = (request: RouteRequest, view: View, settings: RouteSettings): Answer | Problem => {
  const id = idOf(request)
  const { tasks, series } = view.state(taskMetrics)
  const task = tasks.byId.get(id)
  if (task === undefined) {
    const foreign = view.state(proplets).tasks.get(id)
    return foreign === undefined ? notFound(id) : paged(request, "metrics", foreign.metrics, parsed)
  }
  const looks = series.get(id)?.looks ?? []
  const ids = { task_id: id, proplet_id: propletOf(settings) }
  return paged(request, "metrics", looks, (look, index) => ({
    ...ids,
    metrics: metricsOf(look),
    ...(task.definition.profile.history > 0 && index === looks.length - 1 ? { aggregated: aggregatedOf(looks) } : {}),
  }))
}

export const parsed = (text: string): unknown => JSON.parse(text)

const define = Effect.fn("POST /tasks")(function* (request: RouteRequest, settings: RouteSettings) {
  const asked = read(request.body, {
    task: randomUUID(),
    process: ProcessId(randomUUID()),
    profile: settings.tasks?.profile ?? "standard",
    profileInterval: settings.tasks?.profileInterval ?? null,
    shownNames: settings.script.shownNames,
  })
  if (Either.isLeft(asked)) return yield* refused(request, badRequest(asked.left))
  const { definition } = asked.right
  const { file } = definition
  if (file !== null) {
    const inside = withinRoots(file, settings.script)
    if (Either.isLeft(inside))
      return yield* refused(request, badRequest(inside.left.detail.replace("script_path", "file")))
  }
  const view = yield* submitted(request, { _tag: "DefineTask", id: freshId(), ...asked.right })
  const answer = oneTask(view, definition.task, settings, 201)
  if (answer instanceof Problem) return yield* answer
  return { ...answer, headers: { location: `/tasks/${encodeURIComponent(definition.task)}` } }
})

const refused = (request: RouteRequest, problem: Problem) =>
  Effect.zipRight(toldRefusal("DefineTask", request.caller, problem), problem)

const start = Effect.fn("POST /tasks/:id/start")(function* (request: RouteRequest, settings: RouteSettings) {
  const view = yield* submitted(request, { _tag: "StartTask", id: freshId(), task: idOf(request) })
  return yield* answered(oneTask(view, idOf(request), settings))
})

const stop = Effect.fn("POST /tasks/:id/stop")(function* (request: RouteRequest, settings: RouteSettings) {
  const views = yield* Views
  const task = (yield* Effect.mapError(views.at(now), ofReading)).state(taskMetrics).tasks.byId.get(idOf(request))
  if (task === undefined) return yield* notFound(idOf(request))
  const { process } = task.definition
  const graceMillis = stopGraceMillis
  const view = yield* submitted(request, {
    _tag: "StopProcess",
    id: freshId(),
    process,
    signal: "SIGTERM",
    graceMillis,
  })
  return yield* answered(oneTask(view, idOf(request), settings))
})

const remove = Effect.fn("DELETE /tasks/:id")(function* (request: RouteRequest) {
  yield* submitted(request, { _tag: "RemoveTask", id: freshId(), task: idOf(request) })
  return { status: 204 }
})

const answered = (answer: Answer | Problem) =>
  answer instanceof Problem ? Effect.fail(answer) : Effect.succeed(answer)

const submitted = (request: RouteRequest, asked: Command) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    const { position } = yield* Effect.mapError(commands.submit(asked, request.caller), ofSubmitting)
    return yield* Effect.mapError(views.reached(position), ofReading)
  })

const freshId = () => CommandId(randomUUID())
