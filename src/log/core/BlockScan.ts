// The stored blocks of a range of positions, both lanes merged into one order, each as it lies in the store.

import { Effect, type Scope } from "effect"
import type { Lane } from "../../domain/Event.ts"
import type { BlockStore, Cursor, Entry, StoreError } from "../store/BlockStore.ts"
import { blockKey, type family, familyRange, laneFamily, positionOfKey, uint64Key } from "../store/keys.ts"

export interface StoredBlock {
  readonly lane: Lane
  /** From the key; the block's own header must say the same. */
  readonly first: number
  readonly bytes: Uint8Array
}

export interface BlockScan {
  /** Some next blocks in order; none at the end. */
  readonly next: Effect.Effect<ReadonlyArray<StoredBlock>, StoreError>
}

const PAGE_BYTES = 256 * 1024

/** Begins with the block that holds `from`, if there is one. */
export const open = Effect.fn("EventLog.scanBlocks")(function* (
  store: BlockStore,
  from: number,
  to: number,
  lanes: ReadonlyArray<Lane>,
) {
  const sources: Array<Source> = []
  for (const lane of lanes) {
    const start = (yield* firstAtOrBefore(store, lane, from)) ?? from
    const cursor = yield* store.scan({ from: blockKey(lane, start), until: blockKey(lane, to + 1) })
    sources.push({ lane, cursor, page: [], at: 0, over: false })
  }
  const scan: BlockScan = { next: nextOf(sources) }
  return scan
})

/** The position at which the last block begins that begins at or before. */
export const firstAtOrBefore = (
  store: BlockStore,
  lane: Lane,
  position: number,
): Effect.Effect<number | null, StoreError> =>
  Effect.map(lastEntry(store, laneFamily(lane), position), (entry) => (entry === null ? null : positionOfKey(entry[0])))

/** The last entry of a family ordered by number, at or before one. */
export const lastEntry = (
  store: BlockStore,
  letter: (typeof family)[keyof typeof family],
  atOrBefore: number,
): Effect.Effect<Entry | null, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { from } = familyRange(letter)
      const cursor = yield* store.scan({ from, until: uint64Key(letter, atOrBefore + 1), reverse: true })
      const entries = yield* cursor.next(1)
      return entries[0] ?? null
    }),
  )

interface Source {
  readonly lane: Lane
  readonly cursor: Cursor
  page: ReadonlyArray<Entry>
  at: number
  over: boolean
}

const nextOf = (sources: ReadonlyArray<Source>): Effect.Effect<ReadonlyArray<StoredBlock>, StoreError> =>
  Effect.gen(function* () {
    for (const source of sources) if (source.at === source.page.length && !source.over) yield* refill(source)
    const blocks: Array<StoredBlock> = []
    while (true) {
      let least: Source | null = null
      let first = Number.POSITIVE_INFINITY
      for (const source of sources) {
        const key = source.page[source.at]?.[0]
        if (key === undefined) {
          // Whatever this lane still has may come before the others' next.
          if (!source.over) return blocks
          continue
        }
        const position = positionOfKey(key)
        if (position < first) {
          first = position
          least = source
        }
      }
      const entry = least?.page[least.at]
      if (least === null || entry === undefined) return blocks
      least.at += 1
      blocks.push({ lane: least.lane, first, bytes: entry[1] })
    }
  })

const refill = (source: Source): Effect.Effect<void, StoreError> =>
  Effect.map(source.cursor.next(PAGE_BYTES), (page) => {
    source.page = page
    source.at = 0
    source.over = page.length === 0
  })

export type Scoped<A, E> = Effect.Effect<A, E, Scope.Scope>
