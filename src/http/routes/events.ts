// GET /v1/events: the log itself, a line an event, as far as it is asked for, and on from there as it is written.

import { Effect, Either, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { typeOf } from "../../domain/Event.ts"
import { kindsOfTypes } from "../../projections/kindsOfTypes.ts"
import { LogReader } from "../../projections/LogReader.ts"
import * as SessionLine from "../../wire/sessionLine.ts"
import { wantsEventStream } from "../accepts.ts"
import { heartbeats } from "../heartbeats.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { flag, momentOf, positionOf, typesOf, wholeNumber } from "./range.ts"

export const eventRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/events",
    role: "viewer",
    errors: "problem",
    tag: "log",
    summary: "Events in order: NDJSON, or server-sent events when Accept names text/event-stream.",
    parameters: [
      {
        name: "from",
        description: "Position, ISO 8601 time or span back (-10m) of the first event; default the first",
      },
      { name: "to", description: "The same of the last event; default the last written" },
      { name: "types", description: "Names of events with commas between; default all" },
      { name: "process", description: "Only events of the managed process with this id" },
      { name: "limit", description: "Ends after so many events" },
      { name: "follow", description: "true: goes on with what is written from now on" },
    ],
    answer: (request) => events(request),
  },
]

interface Asked {
  readonly types: ReadonlySet<string> | null
  readonly process: string | null
  readonly limit: number
  readonly to: Position | null
}

const events = Effect.fn("GET /v1/events")(function* (request: RouteRequest) {
  const reader = yield* LogReader
  const follow = yield* flag(request, "follow")
  const from = yield* beginning(request)
  const to = yield* momentOf(request, "to")
  const asked: Asked = {
    types: yield* typesOf(request),
    process: request.query.get("process"),
    limit: yield* wholeNumber(request, "limit", { fallback: Infinity, least: 1, most: 1e9 }),
    to: to === null ? null : yield* positionOf(to, "to"),
  }
  const last = asked.to ?? (yield* reader.source).head
  const source = follow ? reader.follow(from) : reader.read({ from, to: last, ...kindsOfTypes(asked.types) })
  const asEvents = wantsEventStream(request.headers)
  const lines = select(source, asked).pipe(Stream.map((chosen) => encode(chosen, asEvents)))
  return {
    status: 200,
    headers: { "content-type": asEvents ? "text/event-stream" : "application/x-ndjson" },
    stream: asEvents && follow ? Stream.merge(lines, heartbeats, { haltStrategy: "left" }) : lines,
  }
})

/** A browser that comes back says which event it saw last. */
const beginning = (
  request: RouteRequest,
): Effect.Effect<Position, Problem, Effect.Effect.Context<ReturnType<typeof positionOf>>> => {
  const seen = request.headers["last-event-id"]
  if (seen !== undefined && seen !== "") {
    return /^\d{1,15}$/.test(seen)
      ? Effect.succeed(Position(Number(seen) + 1))
      : badRequest(
          `Last-Event-ID is ${JSON.stringify(seen.slice(0, 40))}; it takes the position of the event seen last`,
        )
  }
  const from = momentOf(request, "from")
  if (Either.isLeft(from)) return from.left
  return from.right === null
    ? Effect.succeed(Position(1))
    : Effect.map(positionOf(from.right, "from"), (position) => Position(Math.max(1, position)))
}

/** Whole commits come in; what was asked for goes out, and nothing is read beyond the last event wanted. */
const select = <E>(
  source: Stream.Stream<ReadonlyArray<Envelope>, E>,
  asked: Asked,
): Stream.Stream<ReadonlyArray<Envelope>, E> =>
  Stream.suspend(() => {
    let left = asked.limit
    let over = false
    return source.pipe(
      Stream.map((envelopes) => {
        const chosen = envelopes.filter((one) => fits(one, asked)).slice(0, left)
        left -= chosen.length
        over = left <= 0 || (asked.to !== null && (envelopes.at(-1)?.position ?? 0) >= asked.to)
        return chosen
      }),
      Stream.takeUntil(() => over),
      Stream.filter((chosen) => chosen.length > 0),
    )
  })

const fits = ({ event, position }: Envelope, { types, process, to }: Asked): boolean =>
  (types === null || types.has(typeOf(event))) &&
  (process === null || ("process" in event && event.process === process)) &&
  (to === null || position <= to)

const encoder = new TextEncoder()

const encode = (envelopes: ReadonlyArray<Envelope>, asEvents: boolean): Uint8Array => {
  let text = ""
  for (const envelope of envelopes) {
    const line = SessionLine.format(envelope)
    text += asEvents ? `id: ${envelope.position}\nevent: ${typeOf(envelope.event)}\ndata: ${line}\n\n` : `${line}\n`
  }
  return encoder.encode(text)
}
