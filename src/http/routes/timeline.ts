// GET /v1/timeline: how full the log is over time, as last positions at equal steps. Positions are dense, so no event is read.

import { Effect } from "effect"
import { isoTime } from "../../domain/Moment.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { TimelineAnswer } from "../../wire/timeline.ts"
import { viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { momentOf } from "./range.ts"

const mostBoundaries = 1_000

export const timelineRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/timeline",
    role: "viewer",
    errors: "problem",
    tag: "log",
    summary: "How full the log is over time: the last position at each of some equal steps.",
    parameters: [
      { name: "from", description: "ISO 8601 time of the first boundary" },
      { name: "to", description: "ISO 8601 time up to which boundaries are wanted; at most 1000 of them" },
      { name: "step", description: "Seconds from one boundary to the next, 0.001 to 86400000" },
      momentParameter,
    ],
    response: TimelineAnswer,
    answer: (request) => timeline(request),
  },
]

const timeline = Effect.fn("GET /v1/timeline")(function* (request: RouteRequest) {
  const reader = yield* LogReader
  const from = yield* timeAsked(request, "from")
  const to = yield* timeAsked(request, "to")
  const step = yield* stepAsked(request)
  const boundaries = Math.max(0, Math.floor((to - from) / step) + 1)
  if (boundaries > mostBoundaries) {
    return yield* badRequest(
      `from, to and step make ${boundaries} boundaries; at most ${mostBoundaries} are answered: take a longer step`,
    )
  }
  const { position } = yield* viewAsked(request)
  const positions = yield* Effect.forEach(
    Array.from({ length: boundaries }, (_, index) => from + index * step),
    (micros) => Effect.map(reader.positionAt(micros), (found) => Math.min(found, position)),
  ).pipe(Effect.mapError(ofReading))
  const body: TimelineAnswer = { position, from: isoTime(from), step_seconds: step / 1e6, positions }
  return { status: 200, headers: { "annalist-position": String(position) }, body }
})

const timeAsked = Effect.fn("timeline.timeAsked")(function* (request: RouteRequest, name: "from" | "to") {
  const moment = yield* momentOf(request, name)
  if (moment?._tag === "AtTime") return moment.micros
  return yield* badRequest(`${name} takes an ISO 8601 time: ${name}=2026-01-31T03:00:00Z`)
})

const stepAsked = (request: RouteRequest) => {
  const seconds = Number(request.query.get("step") ?? Number.NaN)
  return seconds >= 0.001 && seconds <= 86_400_000
    ? Effect.succeed(Math.round(seconds * 1e6))
    : badRequest("step takes the seconds from one boundary to the next, 0.001 to 86400000: step=5")
}
