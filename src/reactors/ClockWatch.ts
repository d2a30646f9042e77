// Notices when the wall clock parts from the monotonic one: set by hand or by NTP, or the host slept.

import { Effect, Layer } from "effect"
import { Commands } from "../commands/Commands.ts"

/** Both clocks at one moment, µs. */
export interface Clocks {
  readonly wallMicros: number
  readonly monotonicMicros: number
}

export interface Options {
  /** Null when the two could not be read close enough together to be compared. */
  readonly clocks?: () => Clocks | null
}

export const checkMillis = 1000
/** Below it, it is the slow correction that every clock gets. */
export const toleranceMicros = 500_000
/** Between the two readings nothing may come in the way. */
const readingMicros = 50_000

/** By how much the wall clock moved against the monotonic one; null when it did not. */
export const jump = (before: Clocks, after: Clocks): number | null => {
  const delta = after.wallMicros - before.wallMicros - (after.monotonicMicros - before.monotonicMicros)
  return Math.abs(delta) > toleranceMicros ? Math.round(delta) : null
}

/** Never ends. */
export const run = (options: Options = {}): Effect.Effect<never, never, Commands> =>
  Effect.suspend(() => {
    const read = options.clocks ?? hostClocks
    let before = read()
    const check = Effect.suspend(() => {
      const after = read()
      if (after === null) return Effect.void
      const delta = before === null ? null : jump(before, after)
      // Compared with the last second and not with the start, so that drift does not add up to a jump.
      if (delta === null) return Effect.sync(() => void (before = after))
      return tell(delta).pipe(
        Effect.zipRight(Effect.sync(() => void (before = after))),
        Effect.catchAll((error) => Effect.logDebug(`the clock's jump is told later: ${error.reason}`)),
      )
    })
    return Effect.forever(Effect.zipRight(Effect.sleep(checkMillis), check))
  })

export const layer = (options: Options = {}): Layer.Layer<never, never, Commands> =>
  Layer.scopedDiscard(Effect.forkScoped(run(options)))

const tell = (deltaMicros: number) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    yield* Effect.logWarning(`the wall clock moved by ${(deltaMicros / 1e6).toFixed(3)} s`)
    yield* commands.record([{ _tag: "ClockJumped", deltaMicros }], { actor: "agent" })
  })

const hostClocks = (): Clocks | null => {
  const first = monotonic()
  const wallMicros = Date.now() * 1000
  const second = monotonic()
  return second - first > readingMicros ? null : { wallMicros, monotonicMicros: (first + second) / 2 }
}

const monotonic = () => Number(process.hrtime.bigint()) / 1000
