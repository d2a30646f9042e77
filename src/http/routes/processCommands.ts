// Commands under /v1/processes: boot, kill, restart, other limits, flush. Each answers with the process as it stands after it.

import { randomUUID } from "node:crypto"
import { Effect, Either } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { CommandId, ProcessId } from "../../domain/Brands.ts"
import type { Command } from "../../domain/Command.ts"
import { now } from "../../domain/Moment.ts"
import type { ManagedProcess } from "../../domain/processes/Processes.ts"
import * as awaiting from "../../projections/awaiting.ts"
import { Views } from "../../projections/Views.ts"
import { BootBody, LimitsBody, StopBody } from "../../wire/processes.ts"
import { ProcessAnswer } from "../../wire/state.ts"
import { Problem } from "../Problem.ts"
import { ofReading, ofSubmitting } from "../problems.ts"
import { allows } from "../Role.ts"
import type { Answer, Route, RouteCaller, RouteRequest } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import * as bootRequest from "./bootRequest.ts"
import { answerOf, notFound } from "./processes.ts"
import { toldRefusal } from "./refusals.ts"
import { traced } from "./startRequest.ts"

const common = {
  _tag: "Effect",
  role: "operator",
  errors: "problem",
  tag: "processes",
  response: ProcessAnswer,
} as const

/** Between the asked signal and SIGKILL, unless the caller says otherwise. */
const graceSeconds = 10
const limitMillis = 5_000

export const processCommands = ({ script }: RouteSettings): ReadonlyArray<Route> => [
  {
    ...common,
    method: "POST",
    path: "/v1/processes",
    summary: "Boots a process: a script below the script roots, or, for an admin, any program.",
    requestBody: BootBody,
    answer: (request) => boot(request, script),
  },
  {
    ...common,
    method: "POST",
    path: "/v1/processes/:id/kill",
    summary: "Ends a process and everything that it started, politely first, and for good: its restart policy rests.",
    requestBody: StopBody,
    answer: (request) => kill(request),
  },
  {
    ...common,
    method: "POST",
    path: "/v1/processes/:id/restart",
    summary: "Boots a process again under its id; one that lives is ended first.",
    requestBody: StopBody,
    answer: (request) => restart(request),
  },
  {
    ...common,
    method: "PUT",
    path: "/v1/processes/:id/limits",
    summary: "Gives a running process other limits; those that are not named stay.",
    requestBody: LimitsBody,
    answer: (request) => limit(request),
  },
  {
    ...common,
    method: "DELETE",
    path: "/v1/processes/:id",
    summary: "Drops an ended process, its output and its environment; the log keeps its record.",
    answer: (request) => flush(request),
  },
]

const boot = Effect.fn("POST /v1/processes")(function* (request: RouteRequest, settings: RouteSettings["script"]) {
  const parsed = Either.map(bootRequest.parse(request.body, settings), (one) => traced(one, request.headers))
  const asked = yield* understood("BootProcess", request.caller, parsed)
  if (asked.spec.scriptPath === null) yield* adminAlone(request)
  const process = ProcessId(randomUUID())
  const { position } = yield* submitted(
    { _tag: "BootProcess", id: freshId(), process, spec: asked.spec, environment: asked.environment },
    request.caller,
  )
  const found = yield* awaiting.booted(process, position).pipe(Effect.catchTag("StillUndecided", undecided), readable)
  if (found?.status === "boot_failed") {
    const detail = `it could not be started: ${found.reason ?? "nobody knows why"}`
    return yield* new Problem({ status: 422, kind: "boot-failed", detail })
  }
  const answer = yield* answered(process, found, 201)
  // The caller's own values, to the caller of this very request.
  const body = { ...answer.body, env: asked.environment }
  return { ...answer, body, headers: { location: `/v1/processes/${process}` } }
})

const kill = Effect.fn("POST /v1/processes/:id/kill")(function* (request: RouteRequest) {
  const { id, signal, graceMillis } = yield* stopAsked(request)
  const { position } = yield* submitted(
    { _tag: "StopProcess", id: freshId(), process: id, signal, graceMillis },
    request.caller,
  )
  const over = awaiting.over(id, position, graceMillis + awaiting.forceMillis)
  return yield* answered(id, yield* over.pipe(Effect.catchTag("StillUndecided", undecided), readable))
})

const restart = Effect.fn("POST /v1/processes/:id/restart")(function* (request: RouteRequest) {
  const { id, signal, graceMillis } = yield* stopAsked(request)
  const before = yield* meant("RestartProcess", request.caller, id)
  const { position } = yield* submitted(
    { _tag: "RestartProcess", id: freshId(), process: id, signal, graceMillis },
    request.caller,
  )
  const millis = graceMillis + awaiting.forceMillis + awaiting.bootMillis
  const again = awaiting.again(id, position, before.boots, millis)
  return yield* answered(id, yield* again.pipe(Effect.catchTag("StillUndecided", undecided), readable))
})

const limit = Effect.fn("PUT /v1/processes/:id/limits")(function* (request: RouteRequest) {
  const id = idOf(request)
  const limits = yield* understood("ChangeLimits", request.caller, bootRequest.limitsAsked(request.body))
  yield* meant("ChangeLimits", request.caller, id)
  const { position } = yield* submitted({ _tag: "ChangeLimits", id: freshId(), process: id, limits }, request.caller)
  const views = yield* Views
  const isDone = views.until((view) => (awaiting.find(view, id)?.changedAt ?? Infinity) > position)
  yield* Effect.timeoutOption(readable(isDone), limitMillis)
  const found = yield* present(id)
  const [refused] = found.limitsRefused
  if (refused === undefined) return yield* answered(id, found)
  return yield* new Problem({ status: 422, kind: "limit-refused", detail: `${refused.limit}: ${refused.reason}` })
})

const flush = Effect.fn("DELETE /v1/processes/:id")(function* (request: RouteRequest) {
  const id = idOf(request)
  const before = yield* meant("FlushProcess", request.caller, id)
  yield* submitted({ _tag: "FlushProcess", id: freshId(), process: id }, request.caller)
  return yield* answered(id, before)
})

const stopAsked = Effect.fn("stopAsked")(function* (request: RouteRequest) {
  const body = yield* understood("StopProcess", request.caller, bootRequest.decoded(StopBody, request.body))
  const { signal = "SIGTERM", grace_seconds: seconds = graceSeconds } = body
  return { id: idOf(request), signal, graceMillis: Math.round(seconds * 1000) }
})

/** What cannot be understood is written down with who asked it. */
const understood = <A>(command: string, caller: RouteCaller, parsed: Either.Either<A, Problem>) =>
  Effect.tapError(parsed, (problem) => toldRefusal(command, caller, problem))

const adminAlone = (request: RouteRequest) => {
  if (allows(request.caller.role, "admin")) return Effect.void
  const detail = `to run any program takes the role admin, and ${request.caller.actor} comes in as ${request.caller.role}; script_path runs a script below the script roots`
  const problem = new Problem({ status: 403, kind: "role-missing", detail })
  return Effect.zipRight(toldRefusal("BootProcess", request.caller, problem), problem)
}

/** Whom a command is about; that there is nobody is written down like any other refusal. */
const meant = (command: string, caller: RouteCaller, id: ProcessId) =>
  Effect.tapErrorTag(present(id), "Problem", (problem) => toldRefusal(command, caller, problem))

const present = Effect.fn("processes.present")(function* (id: ProcessId) {
  const views = yield* Views
  const found = awaiting.find(yield* views.at(now).pipe(readable), id)
  return found ?? (yield* notFound(id))
})

const answered = Effect.fn("processes.answered")(function* (
  id: ProcessId,
  found: ManagedProcess | null,
  status: number = 200,
) {
  const views = yield* Views
  const view = yield* views.at(now).pipe(readable)
  const process = found ?? awaiting.find(view, id)
  if (process === null) return yield* notFound(id)
  return { status, body: answerOf(process, view) } satisfies Answer
})

const submitted = (command: Command, caller: RouteCaller) =>
  Effect.flatMap(Commands, (commands) => Effect.mapError(commands.submit(command, caller), ofSubmitting))

/** Nothing is known yet; what is known is that it was asked for. */
const undecided = ({ millis, process }: awaiting.StillUndecided) =>
  new Problem({
    status: 504,
    kind: "undecided",
    detail: `nothing became of it within ${millis / 1000} s; process ${process?.id ?? "unknown"} is ${process?.status ?? "gone"}`,
  })

const readable = <A, R>(effect: Effect.Effect<A, Problem | Parameters<typeof ofReading>[0], R>) =>
  Effect.mapError(effect, (error) => (error instanceof Problem ? error : ofReading(error)))

const idOf = (request: RouteRequest): ProcessId => ProcessId(request.params["id"] ?? "")

const freshId = () => CommandId(randomUUID())
