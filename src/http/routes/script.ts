// Seed 000's way to run one script: POST /start, /stop and /restart, and GET /status.

import { randomUUID } from "node:crypto"
import { Duration, Effect } from "effect"
import { Commands, ReadOnly } from "../../commands/Commands.ts"
import { CommandId, ProcessId } from "../../domain/Brands.ts"
import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import { processes } from "../../projections/processes.ts"
import { type View, Views } from "../../projections/Views.ts"
import { StartRequest, StatusAnswer } from "../../wire/agent.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofReading, ofSubmitting } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import type { RouteSettings, ScriptSettings } from "../RouteSettings.ts"
import { toldRefusal } from "./refusals.ts"
import * as Answers from "./scriptAnswers.ts"
import * as StartAsked from "./startRequest.ts"

/** A start is known to have worked or not within this; the supervisor's own bounds are shorter. */
const startMillis = 15_000
/** From the polite signal to the forced one. */
const graceMillis = 10_000
/** The grace, and time for the forced end of a large tree to be seen. */
const stopMillis = graceMillis + 10_000

/** Each attempt of a restart that loses, loses to another one that won. */
const rivalsMost = 100

const alreadyRunning = "process-already-running"

const common = { role: "operator", errors: "error", tag: "script", response: StatusAnswer } as const

export const scriptRoutes = (settings: RouteSettings): ReadonlyArray<Route> => [
  {
    ...common,
    _tag: "Effect",
    method: "POST",
    path: "/start",
    summary: "Runs the script; one at a time.",
    requestBody: StartRequest,
    answer: (request) => start(request, settings.script),
  },
  {
    ...common,
    _tag: "Effect",
    method: "POST",
    path: "/stop",
    summary: "Ends the script and everything that it started: politely, after 10 s by force.",
    answer: (request) => stop(request),
  },
  {
    ...common,
    _tag: "Effect",
    method: "POST",
    path: "/restart",
    summary: "Ends the script if it runs, and runs it again.",
    requestBody: StartRequest,
    answer: (request) => restart(request, settings.script),
  },
  {
    ...common,
    _tag: "Query",
    method: "GET",
    path: "/status",
    role: "viewer",
    summary: "Whether the script runs, and how its last run went.",
    answer: (_, view) => ({ status: 200, body: Answers.status(view.state(processes).script) }),
  },
]

const start = Effect.fn("POST /start")(function* (request: RouteRequest, settings: ScriptSettings) {
  const asked = yield* parsed(request, settings)
  const commands = yield* Commands
  const views = yield* Views
  const process = ProcessId(randomUUID())
  yield* commands
    .submit(
      { _tag: "BootProcess", id: CommandId(randomUUID()), process, spec: asked.spec, environment: asked.environment },
      request.caller,
    )
    .pipe(
      Effect.mapError((error) =>
        error._tag === "ProcessAlreadyRunning" ? badRequest(error.message, alreadyRunning) : ofSubmitting(error),
      ),
    )
  const script = yield* views
    .until((view) => known(view, process)?.status !== "booting")
    .pipe(
      Effect.mapError(ofReading),
      Effect.map((view) => known(view, process)),
      within(startMillis, () => failed(`it is not known to have started after ${startMillis / 1000} s`)),
    )
  if (script === null) return yield* failed("it was dropped while it started")
  if (script.status === "boot_failed") return yield* failed(script.reason ?? "nobody knows why")
  return { status: 200, body: Answers.started(script, asked.environment) }
})

const stop = Effect.fn("POST /stop")(function* (request: RouteRequest) {
  const script = yield* running
  if (script === null) return yield* notRunning
  const ended = yield* end(script, request)
  return ended === null ? yield* notRunning : { status: 200, body: Answers.stopped(ended) }
})

/**
 * A request that makes no sense is refused before the running script is touched. Of several at once each replaces what the
 * one before started: none of them asked whether something runs.
 */
const restart = Effect.fn("POST /restart")(function* (request: RouteRequest, settings: ScriptSettings) {
  yield* parsed(request, settings)
  const replace = Effect.gen(function* () {
    const script = yield* running
    if (script !== null) yield* end(script, request)
    return yield* start(request, settings)
  })
  return yield* Effect.retry(replace, { times: rivalsMost, while: ({ kind }) => kind === alreadyRunning })
})

const parsed = (request: RouteRequest, settings: ScriptSettings) =>
  settings.closed === undefined
    ? StartAsked.parse(request.body, settings).pipe(
        Effect.map((asked) => StartAsked.traced(asked, request.headers)),
        Effect.tapError((problem) => toldRefusal("BootProcess", request.caller, problem)),
      )
    : Effect.fail(ofSubmitting(new ReadOnly({ reason: settings.closed })))

const running = Effect.gen(function* () {
  const views = yield* Views
  const view = yield* views.at({ _tag: "Now" }).pipe(Effect.mapError(ofReading))
  const { script } = view.state(processes)
  return script !== null && isAlive(script) ? script : null
})

/** The process once it is over; null when it was over before anybody asked. */
const end = Effect.fn("script.end")(function* (script: ManagedProcess, request: RouteRequest) {
  const commands = yield* Commands
  const views = yield* Views
  const asked = yield* commands
    .submit(
      { _tag: "StopProcess", id: CommandId(randomUUID()), process: script.id, signal: "SIGTERM", graceMillis },
      request.caller,
    )
    .pipe(
      Effect.as(true),
      Effect.catchTags({
        ProcessNotFound: () => Effect.succeed(false),
        ProcessNotRunning: () => Effect.succeed(false),
      }),
      Effect.mapError(ofSubmitting),
    )
  if (!asked) return null
  const isOver = (view: View) => {
    const process = known(view, script.id)
    return process === null || !isAlive(process)
  }
  return yield* views.until(isOver).pipe(
    Effect.mapError(ofReading),
    Effect.map((view) => known(view, script.id)),
    within(stopMillis, () => unstoppable(script)),
  )
})

const known = (view: View, id: ProcessId): ManagedProcess | null => {
  const { byId, script } = view.state(processes)
  return byId.get(id) ?? (script?.id === id ? script : null)
}

const within = (millis: number, problem: () => Problem) =>
  Effect.timeoutFail({ duration: Duration.millis(millis), onTimeout: problem })

const notRunning = Effect.suspend(() => badRequest("No process running", "process-not-running"))

const failed = (reason: string): Problem =>
  new Problem({ status: 500, kind: "start-failed", detail: `Failed to start process: ${reason}` })

const unstoppable = (script: ManagedProcess): Problem =>
  new Problem({
    status: 500,
    kind: "stop-failed",
    detail:
      `Failed to stop process: pid ${script.identity?.pid ?? "unknown"} is still there ${stopMillis / 1000} s after SIGTERM, ` +
      "SIGKILL included; it may hang in the kernel",
  })
