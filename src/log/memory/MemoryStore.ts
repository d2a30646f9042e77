// The driver without a disk: the same bytes under the same keys, kept in a medium that outlives the log that is opened on it.

import { Effect } from "effect"
import { begin, entryOf } from "../core/Lineage.ts"
import type { BlockStore, Cursor, Entry, KeyRange, StoreDriver, StoreError, StoreWrite } from "../store/BlockStore.ts"

/** What a disk would hold. Tests keep it over a crash and make its writes fail. */
export interface Medium {
  /** Ordered by key; replaced, never changed, so that a cursor keeps what it saw. */
  entries: ReadonlyArray<Entry>
  acknowledged: number
  /** Asked before each commit: an error to fail with, and whether the write is there all the same. */
  fault: (() => { readonly error: StoreError; readonly written: boolean } | null) | null
}

export const medium = (): Medium => ({ entries: [entryOf(begin())], acknowledged: 0, fault: null })

export const driver = (held: Medium): StoreDriver => ({
  open: Effect.succeed(storeOf(held)),
  freeBytes: Effect.succeed(null),
  reserve: { release: Effect.void, restore: Effect.void },
})

const storeOf = (held: Medium): BlockStore => ({
  commit: (write) =>
    Effect.suspend(() => {
      const fault = held.fault?.() ?? null
      if (fault === null || fault.written) held.entries = applied(held.entries, write)
      return fault === null ? Effect.void : Effect.fail(fault.error)
    }),
  get: (key) =>
    Effect.sync(() => {
      const entry = held.entries[lowerBound(held.entries, key)]
      return entry !== undefined && Buffer.compare(entry[0], key) === 0 ? entry[1] : undefined
    }),
  scan: (range) => Effect.sync(() => cursorOf(held.entries, range)),
  acknowledged: Effect.sync(() => held.acknowledged),
  acknowledge: (position) =>
    Effect.sync(() => {
      held.acknowledged = position
    }),
  bytesIn: ({ from, until }) =>
    Effect.sync(() => sizeOf(held.entries.slice(lowerBound(held.entries, from), lowerBound(held.entries, until)))),
  bytesOnDisk: Effect.sync(() => sizeOf(held.entries)),
})

const sizeOf = (entries: ReadonlyArray<Entry>): number =>
  entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)

const applied = (before: ReadonlyArray<Entry>, { puts, deletes }: StoreWrite): ReadonlyArray<Entry> => {
  const entries = [...before]
  for (const key of deletes) {
    const at = lowerBound(entries, key)
    const found = entries[at]
    if (found !== undefined && Buffer.compare(found[0], key) === 0) entries.splice(at, 1)
  }
  for (const [key, value] of puts) {
    const at = lowerBound(entries, key)
    const found = entries[at]
    const same = found !== undefined && Buffer.compare(found[0], key) === 0
    entries.splice(at, same ? 1 : 0, [Uint8Array.from(key), Uint8Array.from(value)])
  }
  return entries
}

const cursorOf = (entries: ReadonlyArray<Entry>, { from, until, reverse }: KeyRange): Cursor => {
  const start = lowerBound(entries, from)
  const end = lowerBound(entries, until)
  let taken = 0
  const next = (bytes: number): ReadonlyArray<Entry> => {
    const page: Array<Entry> = []
    let size = 0
    while (start + taken < end && (page.length === 0 || size < bytes)) {
      const entry = entries[reverse === true ? end - 1 - taken : start + taken]
      if (entry === undefined) break
      taken += 1
      size += entry[0].length + entry[1].length
      page.push(entry)
    }
    return page
  }
  return { next: (bytes) => Effect.sync(() => next(bytes)) }
}

/** The first index whose key is not less. */
const lowerBound = (entries: ReadonlyArray<Entry>, key: Uint8Array): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = entries[middle]?.[0]
    if (at !== undefined && Buffer.compare(at, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
