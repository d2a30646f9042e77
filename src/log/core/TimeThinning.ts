// The time index of an aged range is thinned: a minute is fine enough where only actions are left.

import { Effect } from "effect"
import type { BlockStore, StoreError } from "../store/BlockStore.ts"
import { decodePosition, family, familyRange, timeKey, timeOfKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import type { Ledger } from "./Ledger.ts"

const KEEP_MICROS = 60_000_000

/** Keys of index entries from a time on up to a position that may go; each segment keeps its first. */
export const entriesToDrop = (
  store: BlockStore,
  { segments }: Ledger,
  fromAt: number,
  toPosition: number,
): Effect.Effect<ReadonlyArray<Uint8Array>, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const begun = segments.findLastIndex(
        ({ startAt, startPosition }) => startAt <= fromAt && startPosition <= toPosition,
      )
      const from = timeKey(Math.max(0, begun), fromAt)
      const cursor = yield* store.scan({ from, until: familyRange(family.time).until })
      const drop: Array<Uint8Array> = []
      let kept = { segment: -1, at: 0 }
      while (true) {
        const page = yield* cursor.next(64 * 1024)
        if (page.length === 0) return drop
        for (const [key, value] of page) {
          const content = openValue(key, value)
          if (content === null || decodePosition(content) > toPosition) return drop
          const { segment, at } = timeOfKey(key)
          const first = segments[segment]?.startAt === at
          if (first || segment !== kept.segment || at - kept.at >= KEEP_MICROS) kept = { segment, at }
          else drop.push(key)
        }
      }
    }),
  )
