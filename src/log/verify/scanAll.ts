// Scans a range to its end even where LevelDB cannot read: steps over unreadable stretches to the next key that can be had.

import { Effect } from "effect"
import type { BlockStore, Entry, KeyRange, StoreError } from "../store/BlockStore.ts"

const PAGE_BYTES = 1024 * 1024

/** Returns how many stretches could not be read. */
export const scanAll = (
  store: BlockStore,
  range: KeyRange,
  take: (entries: ReadonlyArray<Entry>) => Effect.Effect<void>,
): Effect.Effect<number, StoreError> =>
  Effect.gen(function* () {
    let from: Uint8Array | null = range.from
    let unread = 0
    while (from !== null) {
      const broken: Uint8Array | null = yield* scanOn(store, { ...range, from }, PAGE_BYTES, take)
      if (broken === null) return unread
      // A page that breaks off is lost as a whole: what lies before the damage comes one by one.
      const stuck: Uint8Array | null = yield* scanOn(store, { ...range, from: broken }, 1, take)
      if (stuck === null) return unread
      unread += 1
      from = yield* nextReadable(store, stuck, range.until)
    }
    return unread
  })

/** Null when the range was read to its end, else where to go on from. */
const scanOn = (
  store: BlockStore,
  range: KeyRange,
  ask: number,
  take: (entries: ReadonlyArray<Entry>) => Effect.Effect<void>,
): Effect.Effect<Uint8Array | null> =>
  Effect.scoped(
    Effect.gen(function* () {
      let next = range.from
      const cursor = yield* Effect.either(store.scan(range))
      if (cursor._tag === "Left") return next
      while (true) {
        const page = yield* Effect.either(cursor.right.next(ask))
        if (page._tag === "Left") return next
        const end = page.right.at(-1)
        if (end === undefined) return null
        yield* take(page.right)
        next = behind(end[0])
      }
    }),
  )

/** The least key that is greater. */
const behind = (key: Uint8Array): Uint8Array => {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}

/** Doubles the step until something can be read, then halves it to find the first such key. */
const nextReadable = (store: BlockStore, stuck: Uint8Array, until: Uint8Array): Effect.Effect<Uint8Array | null> =>
  Effect.gen(function* () {
    const start = toNumber(stuck)
    const end = toNumber(until)
    let low = start + 1n
    let step = 1n
    while (low < end && (yield* firstKey(store, toKey(low), until)) === "unreadable") {
      low = start + step
      step *= 2n
    }
    let high = low < end ? low : end
    let bottom = start + (step >> 2n)
    while (high - bottom > 1n) {
      const middle = (high + bottom) >> 1n
      if ((yield* firstKey(store, toKey(middle), until)) === "unreadable") bottom = middle
      else high = middle
    }
    const found = yield* firstKey(store, toKey(high), until)
    return found === "unreadable" ? null : found
  })

const firstKey = (
  store: BlockStore,
  from: Uint8Array,
  until: Uint8Array,
): Effect.Effect<Uint8Array | null | "unreadable"> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cursor = yield* store.scan({ from, until })
      const page = yield* cursor.next(1)
      return page[0]?.[0] ?? null
    }),
  ).pipe(Effect.orElseSucceed(() => "unreadable" as const))

/** Keys as numbers: the family's letter and the eight bytes behind it, beyond which no two block keys differ. */
const KEY_BYTES = 9

const toNumber = (key: Uint8Array): bigint => {
  let number = 0n
  for (let index = 0; index < KEY_BYTES; index++) number = (number << 8n) | BigInt(key[index] ?? 0)
  return number
}

const toKey = (number: bigint): Uint8Array => {
  const key = new Uint8Array(KEY_BYTES)
  let rest = number
  for (let index = KEY_BYTES - 1; index >= 0; index--) {
    key[index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return key
}
