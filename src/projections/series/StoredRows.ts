// The rows of rollups beside the log: found by stretch of time and series, merged with what comes later.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import { ByteReader, ByteWriter } from "../../log/block/Bytes.ts"
import type { LogUnavailable } from "../../log/EventLog.ts"
import type { Rollup, Rollups } from "../../log/Rollups.ts"
import { reachKey, type Rolled, rolled, seriesOf, spans, storedKey } from "./Resolution.ts"
import { merge, type GrowingRow, type Row } from "./Row.ts"
import * as RowCodec from "./RowCodec.ts"
import * as SeriesKey from "./SeriesKey.ts"

type Reading = Pick<typeof Rollups.Service, "get" | "scan">

/** Bytes of rollups that are held at a time. */
const pageBytes = 256 * 1024

/** How far the rollups reach: the last position that went into them, and the time of the last look among it. */
export interface Reach {
  readonly position: Position
  readonly at: number
}

export const reach = (rollups: Reading): Effect.Effect<Reach, LogUnavailable> =>
  Effect.map(rollups.get(reachKey), (value) => {
    if (value === null) return { position: Position(0), at: 0 }
    const input = new ByteReader(value)
    return { position: Position(input.uint64()), at: input.uint64() }
  })

export const reachRollup = ({ position, at }: Reach): Rollup => {
  const out = new ByteWriter(16)
  out.uint64(position)
  out.uint64(at)
  return { key: reachKey, value: Uint8Array.from(out.view()) }
}

/** All rows of a stretch that a question covers, in order of series, then time. */
export const rowsIn = (
  rollups: Reading,
  resolution: Rolled,
  stretch: number,
  asked: string,
): Effect.Effect<ReadonlyArray<GrowingRow>, LogUnavailable> =>
  Effect.gen(function* () {
    const { stretchMicros, stepMicros } = spans[resolution]
    const isOne = asked !== "" && !asked.endsWith("/")
    const until = storedKey(resolution, stretch + stretchMicros, "")
    const rows: Array<GrowingRow> = []
    let from = storedKey(resolution, stretch, asked)
    while (true) {
      const page = yield* rollups.scan(from, until, isOne ? 1 : pageBytes)
      for (const { key, value } of page) {
        const series = seriesOf(key)
        if (!SeriesKey.covers(asked, series)) return rows
        rows.push(...RowCodec.unpack(value, series, stretch, stepMicros))
      }
      const last = page.at(-1)
      if (last === undefined || isOne) return rows
      from = Uint8Array.of(...last.key, 0)
    }
  })

/** Rows of one series in one stretch, as a rollup that holds what was there before as well. */
export const grown = (
  rollups: Reading,
  resolution: Rolled,
  stretch: number,
  rows: ReadonlyArray<GrowingRow>,
): Effect.Effect<Rollup, LogUnavailable> =>
  Effect.gen(function* () {
    const series = rows[0]?.key ?? ""
    const key = storedKey(resolution, stretch, series)
    const { stepMicros } = spans[resolution]
    const stored = yield* rollups.get(key)
    const known = stored === null ? [] : RowCodec.unpack(stored, series, stretch, stepMicros)
    return { key, value: RowCodec.pack(merged(known, rows), stretch, stepMicros) }
  })

/** `later` was seen after all of `known`; both in order of time, and so is what they make together. */
export const merged = (known: ReadonlyArray<GrowingRow>, later: ReadonlyArray<GrowingRow>): ReadonlyArray<Row> => {
  const byTime = new Map(known.map((row) => [row.at, row]))
  for (const row of later) {
    const before = byTime.get(row.at)
    if (before === undefined) byTime.set(row.at, row)
    else merge(before, row)
  }
  return Array.from(byTime.values()).sort((one, other) => one.at - other.at)
}

/** Keys of rollups from before their time, some at a time; none when all is kept that is there. */
export const outlived = (
  rollups: Reading,
  nowMicros: number,
): Effect.Effect<ReadonlyArray<Uint8Array>, LogUnavailable> =>
  Effect.map(
    Effect.forEach(rolled, (resolution) => {
      const { keptMicros, stretchMicros } = spans[resolution]
      const until = Math.max(0, Math.floor((nowMicros - keptMicros) / stretchMicros) * stretchMicros)
      return rollups.scan(storedKey(resolution, 0, ""), storedKey(resolution, until, ""), pageBytes)
    }),
    (pages) => pages.flat().map(({ key }) => key),
  )
