// Ages the log's telemetry: what is older, or beyond the bytes, than the settings keep raw goes by whole blocks, with rollups left behind.

import { Clock, Effect, Layer, Schedule } from "effect"
import { isOver } from "../domain/flows/Job.ts"
import { now } from "../domain/Moment.ts"
import type { Checkpoints } from "../log/Checkpoints.ts"
import { LogUpkeep } from "../log/LogUpkeep.ts"
import { all } from "../projections/all.ts"
import { flows } from "../projections/flows.ts"
import { newest } from "../projections/LogSnapshots.ts"
import { Views } from "../projections/Views.ts"

export interface Options {
  readonly keptHours: number
  readonly keptBytes: number
}

const everyMillis = 10 * 60_000
const microsPerHour = 3600e6

/** The steps of a job that lives are needed until a checkpoint holds what they led to. */
const needed = Effect.gen(function* () {
  const view = yield* (yield* Views).at(now)
  const lives = Array.from(view.state(flows).jobs.values()).some((job) => !isOver(job))
  return lives ? { upTo: yield* newest(all) } : {}
})

const age = (options: Options) =>
  Effect.gen(function* () {
    const upkeep = yield* LogUpkeep
    const nowMicros = (yield* Clock.currentTimeMillis) * 1000
    const aged = yield* upkeep.retain({
      beforeMicros: nowMicros - options.keptHours * microsPerHour,
      maxBytes: options.keptBytes,
      ...(yield* needed),
    })
    if (aged.events > 0) yield* Effect.logInfo(`${aged.events} events of telemetry have aged; raw from ${aged.rawFrom}`)
  }).pipe(
    // The next turn tries again; a log that is full or damaged says so itself.
    Effect.catchAll((error) => Effect.logWarning(`telemetry could not be aged: ${error.reason}`)),
  )

export const layer = (options: Options): Layer.Layer<never, never, LogUpkeep | Checkpoints | Views> =>
  Layer.scopedDiscard(Effect.forkScoped(Effect.repeat(age(options), Schedule.spaced(everyMillis))))
