// A chunk onto a connection, waiting while it is full, but not for ever.

import type { Writable } from "node:stream"
import { Effect } from "effect"
import type { OutletClosed } from "./Serving.ts"

export const writeTo = (target: Writable, chunk: Uint8Array, stallMillis: number): Effect.Effect<void, OutletClosed> =>
  Effect.async((resume) => {
    if (target.destroyed || target.writableEnded) return resume(Effect.fail("gone"))
    if (target.write(chunk)) return resume(Effect.void)
    const settle = (outcome: Effect.Effect<void, OutletClosed>) => {
      clearTimeout(timer)
      target.off("drain", onDrain).off("close", onClose)
      resume(outcome)
    }
    const onDrain = () => settle(Effect.void)
    const onClose = () => settle(Effect.fail("gone"))
    const timer = setTimeout(() => settle(Effect.fail("stalled")), stallMillis)
    target.on("drain", onDrain).on("close", onClose)
    return Effect.sync(() => {
      clearTimeout(timer)
      target.off("drain", onDrain).off("close", onClose)
    })
  })
