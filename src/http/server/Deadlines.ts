// One clock for all bodies under way: a timer for each request would cost more than the request.

import { Effect, type Scope } from "effect"

export interface Deadlines {
  /** Calls `expire` once the time is over, to within a quarter of it, unless it is let go before. */
  readonly watch: (expire: () => void) => Deadline
  readonly letGo: (deadline: Deadline) => void
}

export interface Deadline {
  readonly at: number
  readonly expire: () => void
}

export const make = (millis: number): Effect.Effect<Deadlines, never, Scope.Scope> =>
  Effect.gen(function* () {
    // In order of their time, because all wait equally long.
    const pending = new Set<Deadline>()
    const sweep = Effect.sync(() => {
      const now = performance.now()
      for (const deadline of pending) {
        if (deadline.at > now) break
        pending.delete(deadline)
        deadline.expire()
      }
    })
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Effect.sleep(Math.max(10, millis / 4)), sweep)))
    return {
      watch: (expire) => {
        const deadline = { at: performance.now() + millis, expire }
        pending.add(deadline)
        return deadline
      },
      letGo: (deadline) => {
        pending.delete(deadline)
      },
    }
  })
