// From a time to the last position whose wall time is at or before it, also when the wall clock has stepped back.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import { isProblem, open as openHeader } from "../block/BlockHeader.ts"
import { readHeads } from "../block/BlockCodec.ts"
import type { BlockStore, StoreError } from "../store/BlockStore.ts"
import { decodePosition, timeKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import * as BlockScan from "./BlockScan.ts"
import type { Ledger } from "./Ledger.ts"
import { bothLanes } from "./Reading.ts"

export const positionAt = (
  store: BlockStore,
  { segments, tail }: Ledger,
  micros: number,
): Effect.Effect<Position, StoreError> =>
  Effect.gen(function* () {
    const segment = segments.findLastIndex(({ startAt }) => startAt <= micros)
    if (segment < 0) return Position(0)
    const from = yield* entryBefore(store, segment, micros)
    const entryEnd = yield* entryAfter(store, segment, micros)
    const segmentEnd = segments[segment + 1]?.startPosition
    const to = Math.min(entryEnd ?? tail.head + 1, segmentEnd ?? tail.head + 1) - 1
    return Position(yield* lastWithin(store, from, to, micros))
  })

/** The last commit in the index whose earliest event is at or before the time. */
const entryBefore = (store: BlockStore, segment: number, micros: number): Effect.Effect<number, StoreError> =>
  entryOf(store, { from: timeKey(segment, 0), until: timeKey(segment, micros + 1), reverse: true }, 0)

/** The next commit in the index: all of it, and of what follows it in the segment, is later. */
const entryAfter = (store: BlockStore, segment: number, micros: number): Effect.Effect<number | null, StoreError> =>
  entryOf(store, { from: timeKey(segment, micros + 1), until: timeKey(segment + 1, 0) }, null)

const entryOf = <A>(
  store: BlockStore,
  range: Parameters<BlockStore["scan"]>[0],
  otherwise: A,
): Effect.Effect<number | A, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cursor = yield* store.scan(range)
      const entry = (yield* cursor.next(1))[0]
      const content = entry === undefined ? null : openValue(...entry)
      return content === null ? otherwise : decodePosition(content)
    }),
  )

const lastWithin = (store: BlockStore, from: number, to: number, micros: number): Effect.Effect<number, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const scan = yield* BlockScan.open(store, from, to, bothLanes)
      let found = from
      while (true) {
        const blocks = yield* scan.next
        if (blocks.length === 0) return found
        for (const { first, bytes } of blocks) {
          const header = openHeader(bytes)
          if (isProblem(header) || header.form === "tombstone" || header.minAt > micros) continue
          let next = first
          for (const head of readHeads(header, bytes)) {
            next += head.count
            if (head.at <= micros && next - 1 <= to) found = Math.max(found, next - 1)
          }
        }
      }
    }),
  )
