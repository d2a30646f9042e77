// Histories: the rows of one series, or of several, between two times, as they were known at a moment. Raw while telemetry
// is there, from rollups beyond; every answer says which.

import { Data, Effect, Option, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import { LogReader, ReadFailed } from "../LogReader.ts"
import { Looks } from "./Looks.ts"
import { floor, type Resolution, type Rolled, spans } from "./Resolution.ts"
import { Rolling } from "./Rolling.ts"
import { add, empty, type GrowingRow, type Row } from "./Row.ts"
import * as SeriesKey from "./SeriesKey.ts"
import * as StoredRows from "./StoredRows.ts"

export interface SeriesQuery {
  /** A name of `SeriesKey`, or one that ends in a slash for all below it. */
  readonly key: string
  readonly fromMicros: number
  /** Exclusive. */
  readonly toMicros: number
  /** The moment of the question: nothing after it is seen. A view is one. */
  readonly moment: { readonly position: Position; readonly at: number }
  /** The finest that is wanted; by default what suits the window. */
  readonly finest?: Resolution
}

export interface SeriesAnswer {
  readonly resolution: Resolution
  /** In order of time; those of several series are among each other. */
  readonly rows: ReadonlyArray<Row>
}

/** Even by the hour there would be more rows than one answer holds. */
export class TooManyRows extends Data.TaggedError("TooManyRows")<{ readonly limit: number }> {}

/** An answer's rows are held at once: some megabytes. */
export const maxRows = 20_000

/** Up to here looks are counted one by one. */
const rawMicros = 2 * 3600e6
const minutesMicros = 7 * 24 * 3600e6
/** So long before the first row the look before it is looked for, of which its rates are made. */
const primeMicros = 120e6

export const read = (query: SeriesQuery): Effect.Effect<SeriesAnswer, ReadFailed | TooManyRows, LogReader> =>
  Effect.gen(function* () {
    const coarser: Array<Resolution> = ["raw", "1m", "1h"]
    for (const resolution of coarser.slice(coarser.indexOf(yield* finestFor(query)))) {
      const rows = resolution === "raw" ? yield* rawRows(query) : yield* rolledRows(query, resolution)
      if (rows.length <= maxRows) return { resolution, rows }
    }
    return yield* new TooManyRows({ limit: maxRows })
  })

/** Raw where the window begins within what is there raw; minutes where it begins within what is kept by the minute. */
const finestFor = ({ fromMicros, toMicros, moment, finest }: SeriesQuery) =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const { rawFrom, first } = yield* reader.source
    // A window that begins before the log is as long as the log.
    const begin = Math.max(fromMicros, yield* beginning)
    const window = Math.min(toMicros, moment.at) - begin
    const isRaw = rawFrom <= first || (yield* reader.positionAt(fromMicros)) + 1 >= rawFrom
    if (isRaw && (finest ?? (window <= rawMicros ? "raw" : "1m")) === "raw") return "raw"
    const isByMinute = isRaw || begin >= moment.at - spans["1m"].keptMicros
    return isByMinute && (finest === undefined ? window <= minutesMicros : finest !== "1h") ? "1m" : "1h"
  })

const beginning = Effect.gen(function* () {
  const reader = yield* LogReader
  const { first } = yield* reader.source
  const found = yield* Stream.runHead(reader.read({ from: first, to: first }))
  return Option.getOrNull(found)?.[0]?.at ?? 0
})

const rawRows = (query: SeriesQuery) =>
  Effect.gen(function* () {
    const { key, fromMicros, toMicros } = query
    const looks = new Looks()
    const rows: Array<Row> = []
    yield* eventsBetween(query, fromMicros - primeMicros).pipe(
      Stream.takeWhile(() => rows.length <= maxRows),
      Stream.runForEach((envelopes) =>
        Effect.sync(() => {
          for (const envelope of envelopes) {
            const { at } = envelope
            const isWanted = at >= fromMicros && at < toMicros
            looks.take(envelope, key, (series, label, names, values) => {
              if (isWanted) rows.push(rowOf(empty(series, at), label, names, values))
            })
          }
        }),
      ),
    )
    return rows
  })

const rowOf = (
  row: GrowingRow,
  label: string | null,
  names: ReadonlyArray<string>,
  values: ReadonlyArray<number | null>,
): Row => {
  row.label = label
  add(row, names, values)
  return row
}

/** Rollups as far as they reach and lie before the moment, then what they do not hold yet. */
const rolledRows = (asked: SeriesQuery, resolution: Rolled) =>
  Effect.gen(function* () {
    const { rollups } = yield* LogReader
    const { moment } = asked
    const { stepMicros, keptMicros } = spans[resolution]
    const begin = floor(Math.max(asked.fromMicros, moment.at - keptMicros), stepMicros)
    // A step is whole in an answer or not at all.
    const query = { ...asked, toMicros: floor(asked.toMicros + stepMicros - 1, stepMicros) }
    const end = Math.min(query.toMicros, moment.at + 1)
    const none = { position: Position(0), at: 0 }
    const reach = rollups === null ? none : yield* Effect.mapError(StoredRows.reach(rollups), failed)
    // A row that was not over at the moment holds what came after it: that one is made anew.
    const isWhole = reach.position <= moment.position
    const storedEnd = isWhole ? end : Math.min(end, floor(moment.at, stepMicros))
    const stored =
      rollups === null || reach.position === 0
        ? []
        : yield* Effect.mapError(storedRows(rollups, query.key, resolution, begin, storedEnd), failed)
    const tail = isWhole ? { after: reach.position, since: Math.max(begin, reach.at) } : { after: 0, since: storedEnd }
    const isAll = stored.length > maxRows || reach.position === moment.position
    return merged(stored, isAll ? [] : yield* tailRows(query, resolution, { begin, ...tail }))
  })

const storedRows = (
  rollups: NonNullable<LogReader["Type"]["rollups"]>,
  key: string,
  resolution: Rolled,
  begin: number,
  end: number,
) =>
  Effect.gen(function* () {
    const { stretchMicros } = spans[resolution]
    const stored: Array<GrowingRow> = []
    for (let stretch = floor(begin, stretchMicros); stretch < end; stretch += stretchMicros) {
      const rows = yield* StoredRows.rowsIn(rollups, resolution, stretch, key)
      for (const row of rows) if (row.at >= begin && row.at < end) stored.push(row)
      if (stored.length > maxRows) break
    }
    return stored
  })

interface Tail {
  /** No row begins before. */
  readonly begin: number
  /** What lies up to this position is in the rollups. */
  readonly after: number
  /** Nothing that counts happened before this time. */
  readonly since: number
}

/** Rows made of what the rollups do not hold. */
const tailRows = (query: SeriesQuery, resolution: Rolled, { begin, after, since }: Tail) =>
  Effect.gen(function* () {
    const rolling = new Rolling(query.key)
    const from = Math.max(begin, since)
    yield* eventsBetween(query, from - primeMicros, after === 0 ? Infinity : after).pipe(
      Stream.takeWhile(() => rolling.size <= 2 * maxRows),
      Stream.runForEach((envelopes) =>
        Effect.sync(() => {
          for (const envelope of envelopes) {
            const { position, at } = envelope
            if (position > after && at >= begin && at < query.toMicros && (after > 0 || at >= since))
              rolling.take(envelope)
            else rolling.prime(envelope)
          }
        }),
      ),
    )
    return rolling.release().flatMap((gathered) => (gathered.resolution === resolution ? gathered.rows : []))
  })

const merged = (stored: ReadonlyArray<GrowingRow>, tail: ReadonlyArray<GrowingRow>): ReadonlyArray<Row> => {
  const bySeries = new Map<string, { known: Array<GrowingRow>; later: Array<GrowingRow> }>()
  const of = (key: string) => {
    const found = bySeries.get(key) ?? { known: [], later: [] }
    bySeries.set(key, found)
    return found
  }
  for (const row of stored) of(row.key).known.push(row)
  for (const row of tail) of(row.key).later.push(row)
  return Array.from(bySeries.values())
    .flatMap(({ known, later }) => StoredRows.merged(known, later))
    .sort((one, other) => one.at - other.at)
}

/** The events of a window that a series may be in, up to the moment; all after a position too, whatever the clock did. */
const eventsBetween = ({ key, toMicros, moment }: SeriesQuery, fromMicros: number, after = Infinity) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const reader = yield* LogReader
      const { first } = yield* reader.source
      const before = yield* reader.positionAt(fromMicros)
      const last = toMicros > moment.at ? moment.position : yield* reader.positionAt(toMicros)
      const from = Position(Math.max(first, Math.min(before, after) + 1))
      const to = Position(Math.min(last, moment.position))
      if (from > to) return Stream.empty
      return reader.read({ from, to, kinds: SeriesKey.kindsOf(key) })
    }),
  )

const failed = (error: { readonly reason: string }) => new ReadFailed({ reason: error.reason })
