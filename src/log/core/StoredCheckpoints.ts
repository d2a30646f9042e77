// Checkpoints beside the blocks in the log's own store, each proven by its checksum.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Checkpoints } from "../Checkpoints.ts"
import { LogUnavailable } from "../EventLog.ts"
import type { BlockStore, Entry, StoreError } from "../store/BlockStore.ts"
import { family, textKey } from "../store/keys.ts"
import { openValue, sealValue } from "../store/sealed.ts"
import type { LogCore } from "./LogCore.ts"

export const make = ({ core, store, write }: LogCore): typeof Checkpoints.Service => {
  const unavailable = (error: StoreError) =>
    new LogUnavailable({ reason: error.reason, retryAfterMillis: core.limits.retryAfterMillis })
  return {
    save: Effect.fn("Checkpoints.save")((name: string, version: number, position: Position, bytes: Uint8Array) => {
      const key = keyOf(name, version, position)
      return write({ puts: [[key, sealValue(key, bytes)]], deletes: [] })
    }),
    nearest: Effect.fn("Checkpoints.nearest")((name: string, version: number, atOrBefore: Position) =>
      Effect.flatMap(store, (open) => {
        // A checkpoint beyond the head was folded from events that were lost with the tail.
        const last = Math.min(atOrBefore, core.ledger.tail.head)
        return Effect.mapError(nearestWhole(open, name, version, last), unavailable)
      }),
    ),
    prune: Effect.fn("Checkpoints.prune")(function* (name: string, version: number, keep: number) {
      const open = yield* store
      const keys = yield* Effect.mapError(keysOf(open, name), unavailable)
      const own = keys.filter((key) => versionOf(key) === version)
      const others = keys.filter((key) => versionOf(key) !== version)
      const deletes = [...others, ...own.slice(0, Math.max(0, own.length - keep))]
      if (deletes.length > 0) yield* write({ puts: [], deletes })
    }),
  }
}

const nearestWhole = (store: BlockStore, name: string, version: number, atOrBefore: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const range = { from: keyOf(name, version, 0), until: keyOf(name, version, atOrBefore + 1), reverse: true }
      const cursor = yield* store.scan(range)
      while (true) {
        const [entry] = yield* cursor.next(1)
        if (entry === undefined) return null
        const bytes = openValue(...entry)
        if (bytes !== null) return { position: Position(tailNumber(entry[0], 8)), bytes }
      }
    }),
  )

const keysOf = (store: BlockStore, name: string): Effect.Effect<ReadonlyArray<Uint8Array>, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const until = textKey(family.checkpoint, name, Uint8Array.of(1))
      const cursor = yield* store.scan({ from: textKey(family.checkpoint, name, Uint8Array.of(0)), until })
      const keys: Array<Uint8Array> = []
      while (true) {
        const page: ReadonlyArray<Entry> = yield* cursor.next(1024 * 1024)
        if (page.length === 0) return keys
        for (const [key] of page) keys.push(key)
      }
    }),
  )

/** Name, a zero that ends it, version (4 bytes), position (8 bytes). */
const keyOf = (name: string, version: number, position: number): Uint8Array => {
  const rest = new Uint8Array(13)
  const view = new DataView(rest.buffer)
  view.setUint32(1, version)
  view.setBigUint64(5, BigInt(position))
  return textKey(family.checkpoint, name, rest)
}

const versionOf = (key: Uint8Array): number =>
  new DataView(key.buffer, key.byteOffset, key.length).getUint32(key.length - 12)

const tailNumber = (key: Uint8Array, bytes: number): number =>
  Number(new DataView(key.buffer, key.byteOffset, key.length).getBigUint64(key.length - bytes))
