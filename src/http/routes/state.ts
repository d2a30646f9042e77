// GET /v1/state: the whole in a few numbers, and the extent of the log for a time bar.

import { Effect, Option, Stream } from "effect"
import { inFlight } from "../../domain/collectives/Collectives.ts"
import { isoTime, now } from "../../domain/Moment.ts"
import { isAlive } from "../../domain/processes/Processes.ts"
import { collectives } from "../../projections/collectives.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { processes } from "../../projections/processes.ts"
import { type View, Views } from "../../projections/Views.ts"
import { StateAnswer } from "../../wire/state.ts"
import { positionHeader, viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import { ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"

export const stateRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/state",
    role: "viewer",
    errors: "problem",
    tag: "agent",
    summary: "What is running, how far the log reaches, and what it weighs.",
    response: StateAnswer,
    parameters: [momentParameter],
    answer: (request) => state(request),
  },
]

const state = Effect.fn("GET /v1/state")(function* (request: RouteRequest) {
  const reader = yield* LogReader
  const views = yield* Views
  const source = yield* reader.source
  const first = yield* reader
    .read({ from: source.first, to: source.first })
    .pipe(Stream.runHead, Effect.mapError(ofReading))
  const begun = Option.getOrNull(first)?.[0] ?? null
  const present = yield* Effect.mapError(views.at(now), ofReading)
  const head = markOf(present.position, present.at)
  const view = yield* viewAsked(request)
  const body: StateAnswer = {
    ...markOf(view.position, view.at),
    first: begun === null ? markOf(0, 0) : markOf(begun.position, begun.at),
    head,
    source: source.kind,
    read_only: source.kind !== "live",
    node: source.node,
    log_id: source.logId,
    log_bytes: source.bytes,
    ...countsOf(view),
  }
  return { status: 200, headers: { [positionHeader]: String(view.position) }, body }
})

const markOf = (position: number, at: number) => ({ position, at: position === 0 ? null : isoTime(at) })

const countsOf = (view: View): Pick<StateAnswer, "processes" | "collectives"> => {
  const { byId } = view.state(processes)
  let running = 0
  for (const process of byId.values()) if (isAlive(process)) running++
  const known = view.state(collectives)
  return {
    processes: { running, total: byId.size },
    collectives: { communicators: known.communicators.size, in_flight: inFlight(known) },
  }
}
