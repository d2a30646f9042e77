// Ages the log's telemetry: what happened is rolled up by minutes and hours, then what is older, or beyond the bytes, than the
// settings keep raw goes by whole blocks. Rollups go when their own time is over.

import { Clock, Effect, Layer, Schedule } from "effect"
import { Position } from "../domain/Brands.ts"
import { isOver } from "../domain/flows/Job.ts"
import { now } from "../domain/Moment.ts"
import type { Checkpoints } from "../log/Checkpoints.ts"
import { LogUpkeep } from "../log/LogUpkeep.ts"
import { Rollups } from "../log/Rollups.ts"
import { all } from "../projections/all.ts"
import { flows } from "../projections/flows.ts"
import { newest } from "../projections/LogSnapshots.ts"
import type { LogReader } from "../projections/LogReader.ts"
import { roll } from "../projections/series/roll.ts"
import { outlived } from "../projections/series/StoredRows.ts"
import { Views } from "../projections/Views.ts"

export interface Options {
  readonly keptHours: number
  readonly keptBytes: number
}

const everyMillis = 10 * 60_000
/** A start has better things to do. */
const firstMillis = 20_000
const microsPerHour = 3600e6
/** What a tombstone says about what stays. */
const rollupsName = "series: minutes, hours"

/** The steps of a job that lives are needed until a checkpoint holds what they led to. */
const needed = Effect.gen(function* () {
  const view = yield* (yield* Views).at(now)
  const lives = Array.from(view.state(flows).jobs.values()).some((job) => !isOver(job))
  return lives ? yield* newest(all) : Infinity
})

/** Once: rolls up to the end of the log, lets go what has aged, and forgets the oldest rollups. */
export const age = Effect.fn("Retention.age")(
  function* (options: Options) {
    const upkeep = yield* LogUpkeep
    const rolled = yield* roll
    const nowMicros = (yield* Clock.currentTimeMillis) * 1000
    const aged = yield* upkeep.retain({
      beforeMicros: nowMicros - options.keptHours * microsPerHour,
      maxBytes: options.keptBytes,
      upTo: Position(Math.min(rolled, yield* needed)),
      rollups: rollupsName,
    })
    if (aged.events > 0) yield* Effect.logInfo(`${aged.events} events of telemetry have aged; raw from ${aged.rawFrom}`)
    yield* forget(nowMicros)
  },
  // The next turn tries again; a log that is full or damaged says so itself.
  Effect.catchAll((error) => Effect.logWarning(`telemetry could not be aged: ${error.reason}`)),
)

const forget = (nowMicros: number) =>
  Effect.gen(function* () {
    const rollups = yield* Rollups
    while (true) {
      const keys = yield* outlived(rollups, nowMicros)
      if (keys.length === 0) return
      yield* rollups.save([], keys)
    }
  })

export const layer = (
  options: Options,
): Layer.Layer<never, never, LogUpkeep | Rollups | Checkpoints | LogReader | Views> =>
  Layer.scopedDiscard(
    Effect.forkScoped(Effect.delay(Effect.repeat(age(options), Schedule.spaced(everyMillis)), firstMillis)),
  )
