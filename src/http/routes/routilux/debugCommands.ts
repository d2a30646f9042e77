// What a debugger asks of a job: breakpoints, steps, variables, the value of an expression where it stands.

import { Effect, Either, Schema } from "effect"
import * as Condition from "../../../domain/conditions/Condition.ts"
import { plain } from "../../../domain/conditions/plain.ts"
import { scopeOf } from "../../../domain/flows/checkpoint.ts"
import { isOver, type Job } from "../../../domain/flows/Job.ts"
import { localOf, placeOf } from "../../../domain/flows/variables.ts"
import { breakpointAnswer } from "../../../wire/flows.ts"
import { viewAsked } from "../../moments.ts"
import { Problem } from "../../Problem.ts"
import type { EffectRoute, RouteRequest } from "../../Route.ts"
import { hasSession } from "./jobQueries.ts"
import { NewBreakpoint, breakpointOf } from "./newBreakpoint.ts"
import { bodyOf, debugging, freshId, jobOf, settled, submitted, unfit } from "./submitting.ts"

const NewValue = Schema.Struct({
  value: Schema.Unknown,
  scope: Schema.optional(Schema.NullOr(Schema.Literal("local", "shared"))),
})
const Expression = Schema.Struct({ expression: Schema.String })

const base = { ...debugging, _tag: "Effect", role: "operator" } as const
const jobNamed = (request: RouteRequest): string => request.params["job"] ?? ""

export const debugCommands = (mayEvaluate: boolean): ReadonlyArray<EffectRoute> => [
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/breakpoints",
    summary: "Sets a breakpoint, or a logpoint; the condition is checked now.",
    requestBody: NewBreakpoint,
    answer: (request) => set(request),
  },
  {
    ...base,
    method: "PUT",
    path: "/api/jobs/:job/breakpoints/:breakpoint",
    summary: "Switches a breakpoint on or off.",
    parameters: [{ name: "enabled", description: "true or false" }],
    answer: (request) => enable(request),
  },
  {
    ...base,
    method: "DELETE",
    path: "/api/jobs/:job/breakpoints/:breakpoint",
    summary: "Removes a breakpoint.",
    answer: (request) => {
      const breakpoint = request.params["breakpoint"] ?? ""
      const command = { _tag: "RemoveBreakpoint", id: freshId(), job: jobNamed(request), breakpoint } as const
      return Effect.as(submitted(command, request), { status: 204 })
    },
  },
  step("step_over", "over"),
  step("step-over", "over"),
  step("step_into", "into"),
  step("step-into", "into"),
  step("resume", null),
  step("continue", null),
  {
    ...base,
    method: "PUT",
    path: "/api/jobs/:job/debug/variables/:name",
    summary: "Sets a variable where it is known, else a local one.",
    requestBody: NewValue,
    answer: (request) => setVariable(request),
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/debug/evaluate",
    summary: "The value of a condition's expression where the job stands; off unless it is configured.",
    requestBody: Expression,
    answer: (request) => evaluate(request, mayEvaluate),
  },
]

const summaries = {
  over: "Runs to the next call of the same level.",
  into: "Runs to the next checkpoint anywhere.",
} as const

const step = (name: string, mode: "over" | "into" | null): EffectRoute => ({
  ...base,
  method: "POST",
  path: `/api/jobs/:job/debug/${name}`,
  summary: mode === null ? "Goes on to the next breakpoint." : summaries[mode],
  answer: (request) => go(request, mode),
})

const session = (request: RouteRequest) =>
  Effect.gen(function* () {
    const job = jobOf(yield* viewAsked(request), jobNamed(request))
    if (job instanceof Problem) return yield* job
    if (hasSession(job)) return job
    return yield* new Problem({ status: 404, kind: "no-session", detail: `No debug session for job '${job.id}'` })
  })

const set = Effect.fn("POST /api/jobs/:job/breakpoints")(function* (request: RouteRequest) {
  const breakpoint = breakpointOf(yield* bodyOf(NewBreakpoint, request))
  const job = jobNamed(request)
  yield* submitted({ _tag: "SetBreakpoint", id: freshId(), job, breakpoint }, request)
  return { status: 201, body: breakpointAnswer(job, { ...breakpoint, hits: 0 }) }
})

const enable = Effect.fn("PUT /api/jobs/:job/breakpoints/:breakpoint")(function* (request: RouteRequest) {
  const text = request.query.get("enabled")
  if (text !== "true" && text !== "false") return yield* unfit("enabled is true or false")
  const job = jobNamed(request)
  const breakpoint = request.params["breakpoint"] ?? ""
  const command = { _tag: "SwitchBreakpoint", id: freshId(), job, breakpoint, enabled: text === "true" } as const
  const found = jobOf(yield* submitted(command, request), job)
  const known = found instanceof Problem ? undefined : found.breakpoints.get(breakpoint)
  return { status: 200, body: known === undefined ? { breakpoint_id: breakpoint } : breakpointAnswer(job, known) }
})

const go = (request: RouteRequest, mode: "over" | "into" | null) =>
  Effect.gen(function* () {
    const { id, pause } = yield* session(request)
    const before = pause
    const command = mode === null ? ({ _tag: "ResumeJob" } as const) : ({ _tag: "StepJob", mode } as const)
    yield* submitted({ ...command, id: freshId(), job: id }, request)
    // It has left the place, and may have come to the next one.
    const moved = (job: Job | undefined) => job === undefined || isOver(job) || job.pause !== before
    yield* settled(({ jobs }) => moved(jobs.get(id)))
    return { status: 200, body: { status: mode === null ? "resumed" : "stepping", job_id: id } }
  })

const setVariable = Effect.fn("PUT /api/jobs/:job/debug/variables/:name")(function* (request: RouteRequest) {
  const { id } = yield* session(request)
  const { value, scope } = yield* bodyOf(NewValue, request)
  const name = request.params["name"] ?? ""
  yield* submitted(
    { _tag: "SetVariable", id: freshId(), job: id, name, value: value ?? null, scope: scope ?? null },
    request,
  )
  const text = JSON.stringify(value ?? null)
  const isSet = (job: Job | undefined) =>
    job === undefined || [localOf(job)[name], job.shared[name]].some((one) => JSON.stringify(one) === text)
  yield* settled(({ jobs }) => isSet(jobs.get(id)))
  return { status: 200, body: { status: "set", job_id: id, variable: name, value: value ?? null } }
})

const evaluate = Effect.fn("POST /api/jobs/:job/debug/evaluate")(function* (
  request: RouteRequest,
  mayEvaluate: boolean,
) {
  if (!mayEvaluate) {
    const detail = "evaluation is off; ANNALIST_EVALUATE=on allows it"
    return yield* new Problem({ status: 403, kind: "evaluate-off", detail })
  }
  const job = yield* session(request)
  const { expression } = yield* bodyOf(Expression, request)
  const condition = Condition.compile(expression)
  if (Either.isLeft(condition)) return yield* unfit(condition.left.message)
  const routine = placeOf(job)?.routine ?? ""
  const value = Condition.valueOf(condition.right, scopeOf(job, { routine }, localOf(job)))
  return {
    status: 200,
    body: Either.match(value, {
      onLeft: (error) => ({ job_id: job.id, expression, result: null, error: error.message }),
      onRight: (found) => ({ job_id: job.id, expression, result: plain(found), error: null }),
    }),
  }
})
