// The trace and the logs of a job, read from the log itself: all of it is there, the views only know where.

import { Chunk, Effect, Stream } from "effect"
import type { Envelope } from "../../../domain/Envelope.ts"
import { entries, rangeOf } from "../../../domain/flows/Steps.ts"
import { isoTime } from "../../../domain/Moment.ts"
import { LogReader } from "../../../projections/LogReader.ts"
import { flows } from "../../../projections/flows.ts"
import { traces } from "../../../projections/traces.ts"
import { callStackAnswer, logAnswer, traceAnswer, variablesAnswer } from "../../../wire/flows.ts"
import { positionHeader, viewAsked } from "../../moments.ts"
import { Problem } from "../../Problem.ts"
import { ofReading } from "../../problems.ts"
import type { EffectRoute, RouteRequest } from "../../Route.ts"
import { callBefore } from "./pastCalls.ts"
import { whole } from "./jobQueries.ts"
import { common, jobOf, unfit } from "./submitting.ts"

const defaultLimit = 1000
const mostEntries = 10_000
const parameters = [{ name: "limit", description: "1 to 10000: the last so many" }]
const route = { ...common, _tag: "Effect", method: "GET", role: "viewer", parameters } as const

const backwards = (name: string): EffectRoute => ({
  ...route,
  tag: "debugger",
  parameters: [{ name: "at", description: "the call before this moment; before the present one unless given" }],
  path: `/api/jobs/:job/debug/${name}`,
  summary: "The call before, as it was about to begin: its variables, its stack and the position to look at with ?at=.",
  answer: stepBack,
})

export const jobSteps = (): ReadonlyArray<EffectRoute> => [
  backwards("step_back"),
  backwards("step-back"),
  {
    ...route,
    path: "/api/jobs/:job/trace",
    summary: "The last steps of a job, oldest first.",
    answer: (request) => trace(request),
  },
  {
    ...route,
    path: "/api/jobs/:job/logs",
    summary: "What its routines and logpoints wrote, oldest first.",
    answer: (request) => logs(request),
  },
]

/** Read-only: the job stays where it is, and every question takes the position that this answers with. */
const stepBack = Effect.fn("GET /api/jobs/:job/debug/step_back")(function* (request: RouteRequest) {
  const view = yield* viewAsked(request)
  const job = jobOf(view, request.params["job"] ?? "")
  if (job instanceof Problem) return yield* job
  const past = yield* callBefore(view, job.id)
  const then = past?.view.state(flows).jobs.get(job.id)
  if (past === null || then === undefined) {
    const detail = `nothing that the log tells of job '${job.id}' lies before`
    return yield* new Problem({ status: 409, kind: "at-the-beginning", detail })
  }
  const { position, at } = past.view
  return {
    status: 200,
    headers: { [positionHeader]: String(position) },
    body: { ...variablesAnswer(then), ...callStackAnswer(then), call: past.call, position, timestamp: isoTime(at) },
  }
})

const trace = Effect.fn("GET /api/jobs/:job/trace")(function* (request: RouteRequest) {
  const { view, job, limit, range } = yield* asked(request)
  const recorded = view.state(traces).jobs.get(job)?.recorded ?? 0
  const kept = Math.min(limit, view.state(traces).maxEventsPerJob)
  const found = range === null ? [] : yield* lastOf(job, range, kept, entries)
  const first = Math.max(0, recorded - found.length)
  return {
    status: 200,
    headers: { [positionHeader]: String(view.position) },
    body: {
      events: found.map((entry, index) => traceAnswer(job, entry, first + index + 1)),
      total: Math.min(recorded, view.state(traces).maxEventsPerJob),
      recorded,
    },
  }
})

const logs = Effect.fn("GET /api/jobs/:job/logs")(function* (request: RouteRequest) {
  const { view, job, limit } = yield* asked(request)
  const known = view.state(traces).jobs.get(job)
  const found =
    known === undefined ? [] : yield* lastOf(job, { from: known.first, to: view.position }, limit, logAnswer)
  return {
    status: 200,
    headers: { [positionHeader]: String(view.position) },
    body: { job_id: job, logs: found, total: found.length },
  }
})

const asked = Effect.fn("jobSteps.asked")(function* (request: RouteRequest) {
  const view = yield* viewAsked(request)
  const job = jobOf(view, request.params["job"] ?? "")
  if (job instanceof Problem) return yield* job
  const limit = whole(request.query.get("limit"), defaultLimit, 1, mostEntries)
  if (limit === null) return yield* unfit(`limit is a whole number from 1 to ${mostEntries}`)
  return { view, job: job.id, limit, range: rangeOf(view.state(traces), job.id, limit) }
})

/** Kept short while it is read: a job's range holds the steps of all others of its time as well. */
const lastOf = <A>(
  job: string,
  range: { readonly from: Envelope["position"]; readonly to: Envelope["position"] },
  count: number,
  made: (envelope: Envelope) => ReadonlyArray<A>,
) =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const found = yield* reader.read(range).pipe(
      Stream.map((chunk) => chunk.filter(({ event }) => "job" in event && event.job === job).flatMap(made)),
      Stream.runFold(Chunk.empty<A>(), (all, more) =>
        Chunk.takeRight(Chunk.appendAll(all, Chunk.fromIterable(more)), count),
      ),
      Effect.mapError(ofReading),
    )
    return Chunk.toReadonlyArray(found)
  })
