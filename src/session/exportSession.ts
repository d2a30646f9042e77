// A range of any log in any of the formats: the same for a live agent, an opened file and a data directory.

import { Clock, Data, Effect, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import { knownTypes, typeOf } from "../domain/Event.ts"
import type { Moment } from "../domain/Moment.ts"
import { isoTime } from "../domain/Moment.ts"
import { withoutSecrets } from "../domain/withoutSecrets.ts"
import { LogReader, type ReadFailed } from "../projections/LogReader.ts"
import * as Carried from "./carried.ts"
import type { Format, Unwritable } from "./Format.ts"
import type { SessionHeader } from "./SessionHeader.ts"

export interface ExportRequest {
  /** null is the beginning of the log. */
  readonly from: Moment | null
  /** null is its end, as it is when the export begins. */
  readonly to: Moment | null
  /** null is every kind; what a slice carries comes in any case. */
  readonly types: ReadonlyArray<string> | null
  readonly format: Format
  /** The end of the log at the moment that is asked about; the present end unless told. */
  readonly upTo?: Position | null
}

/** The request makes no sense for this log; the reason says what would be right. */
export class ExportRefused extends Data.TaggedError("ExportRefused")<{ readonly reason: string }> {}

export type ExportError = ExportRefused | ReadFailed | Unwritable

export interface SessionExport {
  readonly header: SessionHeader
  readonly bytes: Stream.Stream<Uint8Array, ReadFailed | Unwritable>
}

/** Values of environment variables never come into an event; what arguments and jobs' data hold is taken out here. */
export const exportSession = Effect.fn("exportSession")(function* (request: ExportRequest) {
  const reader = yield* LogReader
  for (const type of request.types ?? []) {
    if (!knownTypes.includes(type)) {
      return yield* new ExportRefused({
        reason: `"${type.slice(0, 80)}" is no type of event; there are ${knownTypes.join(", ")}`,
      })
    }
  }
  const { node, bootId, logId, first: begin, head: end } = yield* reader.source
  const head = request.upTo ?? end
  const first = request.from === null ? begin : yield* resolve(request.from, "from", head)
  const last = request.to === null ? head : yield* resolve(request.to, "to", head)
  if (first > last && head > 0) {
    return yield* new ExportRefused({
      reason: `the range is empty: it begins at position ${first} and ends at ${last}`,
    })
  }
  const carried = first === 1 ? [] : (yield* carriedBefore(first)).map(withoutSecrets)
  const wanted = request.types === null ? null : new Set(request.types)
  const events = reader.read({ from: first, to: last }).pipe(Stream.map((envelopes) => keep(envelopes, wanted)))
  const header: SessionHeader = {
    node,
    bootId,
    logId: logId === "" ? null : logId,
    from: first,
    to: last,
    created: isoTime((yield* Clock.currentTimeMillis) * 1000),
    types: request.types,
  }
  return { header, bytes: request.format.write({ header, carried, events }) } satisfies SessionExport
})

/** The same as one stream, for a face that sends bytes. */
export const exportBytes = (request: ExportRequest): Stream.Stream<Uint8Array, ExportError, LogReader> =>
  Stream.unwrap(Effect.map(exportSession(request), ({ bytes }) => bytes))

const carriedBefore = (position: Position): Effect.Effect<ReadonlyArray<Envelope>, ReadFailed, LogReader> =>
  Effect.flatMap(LogReader, (reader) =>
    reader.read({ from: Position(1), to: Position(position - 1) }).pipe(
      Stream.runFold(Carried.initial(), (state, envelopes) => envelopes.reduce(Carried.evolve, state)),
      Effect.map(Carried.eventsOf),
    ),
  )

const keep = (envelopes: ReadonlyArray<Envelope>, wanted: ReadonlySet<string> | null): ReadonlyArray<Envelope> =>
  (wanted === null ? envelopes : envelopes.filter(({ event }) => wanted.has(typeOf(event)))).map(withoutSecrets)

/** A time is the first event at or after it for `from`, and the last at or before it for `to`. */
const resolve = (
  moment: Moment,
  end: "from" | "to",
  head: Position,
): Effect.Effect<Position, ExportRefused | ReadFailed, LogReader> => {
  switch (moment._tag) {
    case "Now":
      return Effect.succeed(head)
    case "AtPosition":
      return moment.position <= head
        ? Effect.succeed(Position(Math.max(1, moment.position)))
        : new ExportRefused({ reason: `position ${moment.position} is not written yet; the last one is ${head}` })
    case "AtTime":
      return positionAtTime(moment.micros, end)
    case "Ago":
      return Effect.flatMap(timeOf(head), (time) => positionAtTime(time - moment.micros, end))
  }
}

const positionAtTime = (micros: number, end: "from" | "to"): Effect.Effect<Position, ReadFailed, LogReader> =>
  Effect.flatMap(LogReader, (reader) =>
    end === "to"
      ? reader.positionAt(micros)
      : Effect.map(reader.positionAt(micros - 1), (before) => Position(before + 1)),
  )

/** "-10m" counts from the last event, so that it means the same on a live log and on a recorded one. */
const timeOf = (position: Position): Effect.Effect<number, ReadFailed, LogReader> =>
  Effect.flatMap(LogReader, (reader) =>
    reader
      .read({ from: position, to: position })
      .pipe(Stream.runFold(0, (time, envelopes) => envelopes.at(-1)?.at ?? time)),
  )
