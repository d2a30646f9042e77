// A turn of the event loop between slices of work: sockets and timers get theirs, which a microtask would not give them.

import { Effect } from "effect"

export const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})
