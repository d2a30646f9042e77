// What a debugger asks of a job: breakpoints, steps, variables, the value of an expression where it stands.

import { Effect, Schema } from "effect"
import { collectives } from "../../../projections/collectives.ts"
import type { View } from "../../../projections/Views.ts"
import { breakpointAnswer } from "../../../wire/flows.ts"
import { Problem } from "../../Problem.ts"
import type { EffectRoute, RouteRequest } from "../../Route.ts"
import { advance, evaluate, evaluationOff, type Mode, sessionOf, setVariable } from "./debugging.ts"
import { NewBreakpoint, breakpointOf } from "./newBreakpoint.ts"
import { bodyOf, debugging, freshId, jobOf, submitted, unfit } from "./submitting.ts"

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
      return Effect.as(submitted(command, request.caller), { status: 204 })
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
    answer: put,
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/debug/evaluate",
    summary: "The value of a condition's expression where the job stands; off unless it is configured.",
    requestBody: Expression,
    answer: (request) => value(request, mayEvaluate),
  },
]

const summaries = {
  over: "Runs to the next call of the same level.",
  into: "Runs to the next checkpoint anywhere.",
} as const

const step = (name: string, mode: Mode): EffectRoute => ({
  ...base,
  method: "POST",
  path: `/api/jobs/:job/debug/${name}`,
  summary: mode === null ? "Goes on to the next breakpoint." : summaries[mode],
  answer: (request) => go(request, mode),
})

const set = Effect.fn("POST /api/jobs/:job/breakpoints")(function* (request: RouteRequest) {
  const breakpoint = breakpointOf(yield* bodyOf(NewBreakpoint, request))
  const job = jobNamed(request)
  const view = yield* submitted({ _tag: "SetBreakpoint", id: freshId(), job, breakpoint }, request.caller)
  const warnings = breakpoint.log === null ? stallWarnings(view, job) : []
  return { status: 201, body: { ...breakpointAnswer(job, { ...breakpoint, hits: 0 }), warnings } }
})

/** Ranks that report under the job's id run in its routines' programs: one that stands still holds up all others. */
const stallWarnings = (view: View, job: string): ReadonlyArray<string> =>
  Array.from(view.state(collectives).communicators.values()).flatMap(({ id, runId, size, seats }) => {
    if (runId !== job || size < 2) return []
    const ranks = Array.from(seats.keys()).toSorted((one, other) => one - other)
    return [
      `rank${ranks.length === 1 ? "" : "s"} ${ranks.slice(0, mostRanksNamed).join(", ")} of communicator ${id} report from this job: ` +
        "while it stands still the other ranks wait, and may be called hung",
    ]
  })

const mostRanksNamed = 16

const enable = Effect.fn("PUT /api/jobs/:job/breakpoints/:breakpoint")(function* (request: RouteRequest) {
  const text = request.query.get("enabled")
  if (text !== "true" && text !== "false") return yield* unfit("enabled is true or false")
  const job = jobNamed(request)
  const breakpoint = request.params["breakpoint"] ?? ""
  const command = { _tag: "SwitchBreakpoint", id: freshId(), job, breakpoint, enabled: text === "true" } as const
  const found = jobOf(yield* submitted(command, request.caller), job)
  const known = found instanceof Problem ? undefined : found.breakpoints.get(breakpoint)
  return { status: 200, body: known === undefined ? { breakpoint_id: breakpoint } : breakpointAnswer(job, known) }
})

const go = (request: RouteRequest, mode: Mode) =>
  Effect.gen(function* () {
    const { id } = yield* sessionOf(jobNamed(request))
    return { status: 200, body: yield* advance(id, mode, request.caller) }
  })

const put = Effect.fn("PUT /api/jobs/:job/debug/variables/:name")(function* (request: RouteRequest) {
  const { id } = yield* sessionOf(jobNamed(request))
  const { value, scope } = yield* bodyOf(NewValue, request)
  const variable = { name: request.params["name"] ?? "", value: value ?? null, scope: scope ?? null }
  return { status: 200, body: yield* setVariable(id, variable, request.caller) }
})

const value = Effect.fn("POST /api/jobs/:job/debug/evaluate")(function* (request: RouteRequest, mayEvaluate: boolean) {
  if (!mayEvaluate) return yield* evaluationOff
  const job = yield* sessionOf(jobNamed(request))
  const { expression } = yield* bodyOf(Expression, request)
  return { status: 200, body: yield* evaluate(job, expression) }
})
