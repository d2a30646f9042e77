// Checks the log's stored blocks in the background, a little each second, and says in an event which are not what was written.

import { Effect, Layer, Schedule, Stream } from "effect"
import { Commands } from "../commands/Commands.ts"
import type { Damage } from "../log/core/Ledger.ts"
import { LogUpkeep } from "../log/LogUpkeep.ts"

export interface Options {
  /** Between two reads of some hundred KiB: about a millisecond's work each. */
  readonly pauseMillis: number
  /** Between two passes over the whole. */
  readonly restMillis: number
  /** A start has better things to do. */
  readonly firstMillis: number
}

const usual: Options = { pauseMillis: 1000, restMillis: 3_600_000, firstMillis: 10_000 }

const caller = { actor: "agent" }

const make = (options: Options) =>
  Effect.gen(function* () {
    const upkeep = yield* LogUpkeep
    const commands = yield* Commands
    const told = new Set<string>()
    const tell = ({ from, to, reason }: Damage) => {
      const range = `${from} ${to}`
      if (told.has(range)) return Effect.void
      return commands.record([{ _tag: "LogDamageFound", from, to, reason }], caller).pipe(
        Effect.tap(() => Effect.sync(() => told.add(range))),
        Effect.zipRight(Effect.logError(`the log is damaged from position ${from} to ${to}: ${reason}`)),
      )
    }
    const pass = upkeep.scrub.pipe(
      Stream.runForEach(({ damage }) =>
        Effect.zipRight(damage === null ? Effect.void : tell(damage), Effect.sleep(options.pauseMillis)),
      ),
      Effect.catchAll((error) => Effect.logDebug(`the check of the log breaks off: ${error.reason}`)),
    )
    yield* Effect.forkScoped(
      Effect.delay(Effect.repeat(pass, Schedule.spaced(options.restMillis)), options.firstMillis),
    )
  })

export const layer = (options: Options = usual): Layer.Layer<never, never, LogUpkeep | Commands> =>
  Layer.scopedDiscard(make(options))
