// What every collector of many processes needs: a pause for the event loop, and a failure put as one of its own.

import { Effect } from "effect"
import { CollectorError } from "./Collector.ts"

/** Lets timers and sockets have their turn; the runtime's own yield does not leave the current one. */
export const breathe = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

export const failed = (error: unknown): CollectorError =>
  new CollectorError({ reason: error instanceof Error ? error.message : String(error) })
