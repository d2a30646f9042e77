// Rollups beside the blocks in the log's own store, each proven by its checksum.

import { Effect } from "effect"
import type { Rollup, Rollups } from "../Rollups.ts"
import { rollupKey } from "../store/keys.ts"
import { openValue, sealValue } from "../store/sealed.ts"
import type { Entry } from "../store/BlockStore.ts"
import type { LogCore } from "./LogCore.ts"

export const make = ({ store, unavailable, write }: LogCore): typeof Rollups.Service => ({
  get: Effect.fn("Rollups.get")(function* (key: Uint8Array) {
    const whole = rollupKey(key)
    const open = yield* store
    const value = yield* Effect.catchAll(open.get(whole), unavailable)
    return value === undefined ? null : openValue(whole, value)
  }),
  scan: Effect.fn("Rollups.scan")((from: Uint8Array, until: Uint8Array, bytes: number) =>
    Effect.scoped(
      Effect.gen(function* () {
        const open = yield* store
        const cursor = yield* open.scan({ from: rollupKey(from), until: rollupKey(until) })
        const found: Array<Rollup> = []
        let left = bytes
        while (left > 0) {
          const page = yield* cursor.next(Math.min(left, 1024 * 1024))
          if (page.length === 0) return found
          for (const [key, value] of page) {
            left -= value.length
            const content = openValue(key, value)
            if (content !== null) found.push({ key: Uint8Array.from(key.subarray(1)), value: content })
          }
        }
        return found
      }),
    ).pipe(Effect.catchTag("StoreError", unavailable)),
  ),
  save: Effect.fn("Rollups.save")((puts: ReadonlyArray<Rollup>, deletes: ReadonlyArray<Uint8Array>) =>
    write({ puts: puts.map(sealed), deletes: deletes.map(rollupKey) }),
  ),
})

const sealed = ({ key, value }: Rollup): Entry => {
  const whole = rollupKey(key)
  return [whole, sealValue(whole, value)]
}
