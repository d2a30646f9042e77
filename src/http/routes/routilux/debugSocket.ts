// The debugger's WebSocket: each command is answered with its result; where the job stops and how it ends is told unasked.

import { Effect, Schema, Stream } from "effect"
import { flows } from "../../../projections/flows.ts"
import { callStackAnswer, sessionAnswer, variablesAnswer } from "../../../wire/flows.ts"
import type { JobMessage } from "../../../wire/flowMessages.ts"
import type { Problem } from "../../Problem.ts"
import type { Conversation, RouteNeeds, RouteRequest, Words } from "../../Route.ts"
import { advance, evaluate, evaluationOff, hasSession, sessionOf, setVariable } from "./debugging.ts"
import { following, fromOf, jobOfEvent, present } from "./monitors.ts"
import { freshId, submitted, unfit } from "./submitting.ts"

export const converseDebugging =
  (mayEvaluate: boolean) =>
  (request: RouteRequest, conversation: Conversation): Effect.Effect<void, never, RouteNeeds> =>
    Effect.gen(function* () {
      const id = request.params["job"] ?? ""
      conversation.about(new Set([id]))
      const view = yield* present
      const job = view.state(flows).jobs.get(id)
      const status = job !== undefined && hasSession(job) ? sessionAnswer(job).status : "no_session"
      yield* conversation.tell({ type: "debug_session", job_id: id, status, position: view.position })
      const tell = following(
        fromOf(request, view),
        (envelope) => jobOfEvent(envelope) === id,
        (message) => Effect.forEach(pushed(message), conversation.tell, { discard: true }),
      )
      const listen = Stream.runForEach(conversation.said, (words) =>
        Effect.flatMap(answered(id, words, request, mayEvaluate), conversation.tell),
      )
      yield* Effect.raceFirst(tell, listen)
    })

const pushed = (message: JobMessage): ReadonlyArray<Words> => {
  const { type, job_id, data, position, timestamp } = message
  if (type === "breakpoint_hit") return [{ type, job_id, breakpoint: data, position, timestamp }]
  return /^job_(completed|failed|cancelled)$/.test(type) ? [{ type, job_id, data, position, timestamp }] : []
}

/** A client that sends many commands tells its answers apart by an `id` of its own. */
const answered = (job: string, words: Words, request: RouteRequest, mayEvaluate: boolean) => {
  const { command } = words
  const common = { command: command ?? null, job_id: job, ...("id" in words ? { id: words["id"] } : {}) }
  return run(job, words, request, mayEvaluate).pipe(
    Effect.map((result): Words => ({ ...result, ...common, type: "result", success: true, result })),
    Effect.catchAll(({ detail, status }) =>
      Effect.succeed<Words>({ ...common, type: "error", success: false, detail, error: detail, code: status }),
    ),
  )
}

const Variable = Schema.Struct({
  variable: Schema.String,
  value: Schema.Unknown,
  scope: Schema.optional(Schema.NullOr(Schema.Literal("local", "shared"))),
})
const Expression = Schema.Struct({ expression: Schema.String })

const fieldsOf = <A, I>(schema: Schema.Schema<A, I>, words: Words) =>
  Effect.mapError(Schema.decodeUnknown(schema)(words), ({ message }) => unfit(message))

const commands = [
  "step_over",
  "step_into",
  "continue",
  "pause",
  "cancel",
  "get_variables",
  "set_variable",
  "get_call_stack",
  "evaluate",
]

const run = (
  job: string,
  words: Words,
  { caller }: RouteRequest,
  mayEvaluate: boolean,
): Effect.Effect<Words, Problem, RouteNeeds> => {
  switch (words["command"]) {
    case "step_over":
      return advance(job, "over", caller)
    case "step_into":
      return advance(job, "into", caller)
    case "continue":
    case "resume":
      return advance(job, null, caller)
    case "pause":
      return Effect.as(submitted({ _tag: "PauseJob", id: freshId(), job }, caller), { status: "pausing" })
    case "cancel":
      return Effect.as(submitted({ _tag: "CancelJob", id: freshId(), job }, caller), { status: "cancelling" })
    case "get_variables":
      return Effect.map(sessionOf(job), variablesAnswer)
    case "get_call_stack":
      return Effect.map(sessionOf(job), callStackAnswer)
    case "set_variable":
      return Effect.flatMap(fieldsOf(Variable, words), ({ variable, value, scope }) =>
        setVariable(job, { name: variable, value: value ?? null, scope: scope ?? null }, caller),
      )
    case "evaluate":
      if (!mayEvaluate) return Effect.fail(evaluationOff)
      return Effect.flatMap(Effect.all([sessionOf(job), fieldsOf(Expression, words)]), ([found, { expression }]) =>
        evaluate(found, expression),
      )
    default:
      return Effect.fail(unfit(`command is one of ${commands.join(", ")}`))
  }
}
