// What is asked of jobs: start, pause, resume, cancel, and to drop the old ones from the views.

import { Effect, Schema } from "effect"
import type { StartJob } from "../../../domain/flows/FlowCommand.ts"
import { isOver, type Job } from "../../../domain/flows/Job.ts"
import { callAt } from "../../../domain/flows/variables.ts"
import { flows } from "../../../projections/flows.ts"
import { jobAnswer } from "../../../wire/flows.ts"
import { viewAsked } from "../../moments.ts"
import { Problem } from "../../Problem.ts"
import type { EffectRoute, RouteRequest } from "../../Route.ts"
import { NewBreakpoint, breakpointOf } from "./newBreakpoint.ts"
import { callNumbered } from "./pastCalls.ts"
import { bodyOf, common, freshId, freshJob, jobOf, settled, submitted, unfit } from "./submitting.ts"

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const NewJob = Schema.Struct({
  flow_id: Schema.String,
  entry_routine_id: Schema.String,
  entry_slot: optional(Schema.String),
  entry_params: optional(AnyRecord),
  /** Stops before the first call, so that a debugger has the time to come. */
  paused: optional(Schema.Boolean),
  breakpoints: optional(Schema.Array(NewBreakpoint)),
  /** The call that this job repeats, perhaps with another input: run again from a step. */
  origin: optional(Schema.Struct({ job_id: Schema.String, call: Schema.Int })),
})

const RunAgain = Schema.Struct({
  call: Schema.Int,
  /** In place of what the call was given, and of what the job shared then. */
  entry_params: optional(AnyRecord),
  shared: optional(AnyRecord),
  paused: optional(Schema.Boolean),
  breakpoints: optional(Schema.Array(NewBreakpoint)),
})

const base = { ...common, _tag: "Effect", role: "operator" } as const
/** By which clients of the documents call the slot that a job begins with. */
const defaultSlot = "trigger"

export const jobCommands: ReadonlyArray<EffectRoute> = [
  {
    ...base,
    method: "POST",
    path: "/api/jobs",
    summary: "Starts a job of a flow.",
    requestBody: NewJob,
    answer: (request) => start(request),
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/run_again",
    summary: "Starts a new job from a call of this one, perhaps with another input.",
    requestBody: RunAgain,
    answer: (request) => runAgain(request),
  },
  {
    ...base,
    method: "DELETE",
    path: "/api/jobs",
    summary: "Drops ended jobs from the views; the log keeps them.",
    parameters: [{ name: "older_than", description: "ended more than so many seconds ago" }],
    answer: (request) => forget(request),
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/pause",
    summary: "Begins no further call; one that runs runs to its end.",
    answer: (request) => ask(request, "PauseJob", "paused", ({ status }) => status === "paused"),
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/resume",
    summary: "Goes on.",
    answer: (request) => ask(request, "ResumeJob", "resumed", ({ pause }) => pause === null),
  },
  {
    ...base,
    method: "POST",
    path: "/api/jobs/:job/cancel",
    summary: "Ends it now.",
    answer: (request) => ask(request, "CancelJob", "cancelled", isOver),
  },
]

const start = Effect.fn("POST /api/jobs")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(NewJob, request)
  const { origin } = asked
  return yield* begin(request, {
    flow: asked.flow_id,
    routine: asked.entry_routine_id,
    slot: asked.entry_slot ?? defaultSlot,
    input: asked.entry_params ?? {},
    origin: origin === undefined || origin === null ? null : { job: origin.job_id, call: origin.call },
    paused: asked.paused === true,
    breakpoints: (asked.breakpoints ?? []).map(breakpointOf),
  })
})

/** A new job from a call of an old one, with what both held at that time unless it is told otherwise. */
const runAgain = Effect.fn("POST /api/jobs/:job/run_again")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(RunAgain, request)
  const view = yield* viewAsked(request)
  const old = jobOf(view, request.params["job"] ?? "")
  if (old instanceof Problem) return yield* old
  const past = yield* callNumbered(view, old.id, asked.call)
  const then = past?.view.state(flows).jobs.get(old.id)
  const call = then === undefined ? null : callAt(then, asked.call)
  if (then === undefined || call === null) {
    const detail = `the log tells nothing of call ${asked.call} of job '${old.id}'; its trace numbers those that it does`
    return yield* new Problem({ status: 404, kind: "call-not-found", detail })
  }
  return yield* begin(request, {
    flow: old.flow,
    routine: call.routine,
    slot: call.slot,
    input: asked.entry_params ?? call.input,
    shared: asked.shared ?? then.shared,
    origin: { job: old.id, call: call.number },
    paused: asked.paused === true,
    breakpoints: (asked.breakpoints ?? []).map(breakpointOf),
  })
})

const begin = (request: RouteRequest, wanted: Omit<StartJob, "_tag" | "id" | "job">) =>
  Effect.gen(function* () {
    const job = freshJob()
    yield* submitted({ ...wanted, _tag: "StartJob", id: freshId(), job }, request.caller)
    // Taken up by the engine, unless too many run.
    const state = yield* settled(({ jobs }) => jobs.get(job)?.status !== "pending")
    const started = state.jobs.get(job)
    return { status: 201, body: started === undefined ? { job_id: job, flow_id: wanted.flow } : jobAnswer(started) }
  })

const ask = (
  request: RouteRequest,
  _tag: "PauseJob" | "ResumeJob" | "CancelJob",
  status: string,
  holds: (job: Job) => boolean,
) =>
  Effect.gen(function* () {
    const job = request.params["job"] ?? ""
    yield* submitted({ _tag, id: freshId(), job }, request.caller)
    yield* settled(({ jobs }) => {
      const found = jobs.get(job)
      return found === undefined || isOver(found) || holds(found)
    })
    return { status: 200, body: { status, job_id: job } }
  })

const forget = Effect.fn("DELETE /api/jobs")(function* (request: RouteRequest) {
  const text = request.query.get("older_than")
  const seconds = text === null ? 0 : Number(text)
  if (!(seconds >= 0) || text === "") return yield* unfit("older_than is a number of seconds from 0 on")
  const view = yield* viewAsked(request)
  const before = view.at - seconds * 1e6
  const jobs = Array.from(view.state(flows).jobs.values())
    .filter((job) => isOver(job) && (job.endedAt ?? 0) <= before)
    .map(({ id }) => id)
  if (jobs.length > 0) yield* submitted({ _tag: "ForgetJobs", id: freshId(), jobs }, request.caller)
  return { status: 200, body: { removed: jobs.length } }
})
