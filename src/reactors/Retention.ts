// Ages the log's telemetry: what is older, or beyond the bytes, than the settings keep raw goes by whole blocks, with rollups left behind.

import { Clock, Effect, Layer, Schedule } from "effect"
import { LogUpkeep } from "../log/LogUpkeep.ts"

export interface Options {
  readonly keptHours: number
  readonly keptBytes: number
}

const everyMillis = 10 * 60_000
const microsPerHour = 3600e6

const age = (options: Options) =>
  Effect.gen(function* () {
    const upkeep = yield* LogUpkeep
    const nowMicros = (yield* Clock.currentTimeMillis) * 1000
    const aged = yield* upkeep.retain({
      beforeMicros: nowMicros - options.keptHours * microsPerHour,
      maxBytes: options.keptBytes,
    })
    if (aged.events > 0) yield* Effect.logInfo(`${aged.events} events of telemetry have aged; raw from ${aged.rawFrom}`)
  }).pipe(
    // The next turn tries again; a log that is full or damaged says so itself.
    Effect.catchAll((error) => Effect.logWarning(`telemetry could not be aged: ${error.reason}`)),
  )

export const layer = (options: Options): Layer.Layer<never, never, LogUpkeep> =>
  Layer.scopedDiscard(Effect.forkScoped(Effect.repeat(age(options), Schedule.spaced(everyMillis))))
