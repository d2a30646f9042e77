// Turns of the event loop between slices of work: sockets and timers get theirs, which microtasks would not give them.

import { Effect } from "effect"

/** Longer than this no slice holds the loop. */
const SLICE_MILLIS = 4

export interface Turns {
  /** Gives the loop a turn if the slice has lasted long enough. */
  readonly give: Effect.Effect<void>
}

export const make: Effect.Effect<Turns> = Effect.sync(() => {
  let since = performance.now()
  return {
    give: Effect.suspend(() => {
      if (performance.now() - since < SLICE_MILLIS) return Effect.void
      return Effect.map(turn, () => {
        since = performance.now()
      })
    }),
  }
})

const turn: Effect.Effect<void> = Effect.async((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})
