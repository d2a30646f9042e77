// GET /v1/state: the whole in a few numbers, and the extent of the log for a time bar.

import { Duration, Effect, Option, Stream } from "effect"
import { inFlight } from "../../domain/collectives/Collectives.ts"
import { isoTime, now } from "../../domain/Moment.ts"
import { isAlive } from "../../domain/processes/Processes.ts"
import { collectives } from "../../projections/collectives.ts"
import { lastOfType } from "../../projections/lastOfType.ts"
import { LogReader, type Source } from "../../projections/LogReader.ts"
import { processes } from "../../projections/processes.ts"
import { type View, Views } from "../../projections/Views.ts"
import { StateAnswer } from "../../wire/state.ts"
import { heartbeats } from "../heartbeats.ts"
import { positionHeader, viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import type { Problem } from "../Problem.ts"
import { ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { flag } from "./range.ts"

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
    parameters: [
      momentParameter,
      {
        name: "follow",
        description: "true: as server-sent events, anew whenever the log has grown, at most once a second",
      },
    ],
    answer: (request) => state(request),
  },
]

const state = Effect.fn("GET /v1/state")(function* (request: RouteRequest) {
  if (yield* flag(request, "follow")) return { status: 200, headers: asEvents, stream: yield* followed }
  const body = yield* stateOf(viewAsked(request))
  return { status: 200, headers: { [positionHeader]: String(body.position) }, body }
})

const asEvents = { "content-type": "text/event-stream" }

/** Between two words on a log that grows all the time. */
const followMillis = 1_000

/** The state at once, and again when another position is the present one; a reader who comes back reads the same as a new one. */
const followed = Effect.gen(function* () {
  const views = yield* Views
  let told: number | null = null
  const changed = Effect.suspend(() => views.until((view) => view.position !== told))
  const next = stateOf(Effect.mapError(changed, ofReading)).pipe(
    Effect.tap(({ position }) => {
      told = position
    }),
    Effect.map(encode),
  )
  const states = Stream.concat(
    Stream.fromEffect(next),
    Stream.repeatEffect(Effect.delay(next, Duration.millis(followMillis))),
  )
  return Stream.merge(Stream.provideContext(states, yield* Effect.context<LogReader | Views>()), heartbeats, {
    haltStrategy: "left",
  })
})

const encoder = new TextEncoder()
const encode = (body: StateAnswer): Uint8Array =>
  encoder.encode(`id: ${body.position}\nevent: state\ndata: ${JSON.stringify(body)}\n\n`)

const stateOf = <R>(viewed: Effect.Effect<View, Problem, R>) =>
  Effect.gen(function* () {
    const source = yield* (yield* LogReader).source
    const first = yield* firstOf(source)
    const view = yield* viewed
    const head = yield* Effect.flatMap(Views, (views) => views.at(now)).pipe(Effect.mapError(ofReading))
    const body: StateAnswer = {
      ...markOf(view.position, view.at),
      first,
      head: markOf(head.position, head.at),
      source: source.kind,
      read_only: source.kind !== "live",
      node: source.node,
      log_id: source.logId,
      log_bytes: source.bytes,
      ...countsOf(view),
      last: { ...view.state(lastOfType) },
    }
    return body
  })

const firsts = new WeakMap<typeof LogReader.Service, Mark & { readonly logId: string }>()

/** A log's first event stays what it is: it is read once. */
const firstOf = Effect.fn("state.firstOf")(function* ({ logId, first }: Source) {
  const reader = yield* LogReader
  const known = firsts.get(reader)
  if (known?.logId === logId) return { position: known.position, at: known.at }
  const chunk = yield* reader.read({ from: first, to: first }).pipe(Stream.runHead, Effect.mapError(ofReading))
  const begun = Option.getOrNull(chunk)?.[0]
  if (begun === undefined) return markOf(0, 0)
  const mark = markOf(begun.position, begun.at)
  firsts.set(reader, { ...mark, logId })
  return mark
})

type Mark = StateAnswer["first"]

const markOf = (position: number, at: number): Mark => ({ position, at: position === 0 ? null : isoTime(at) })

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
