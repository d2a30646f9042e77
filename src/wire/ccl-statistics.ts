// What crosses the wire of collectives in the large: GET /v1/ccl/statistics and /v1/ccl/waits.

import { Schema } from "effect"
import type { Position } from "../domain/Brands.ts"
import { analyse } from "../domain/collectives/analyse.ts"
import type { Collectives } from "../domain/collectives/Collectives.ts"
import type { Communicator } from "../domain/collectives/Communicator.ts"
import type { OpGroup } from "../domain/collectives/OpGroup.ts"
import { regression } from "../domain/collectives/regression.ts"
import { quantile, relativeError, type Sketch } from "../domain/collectives/Sketch.ts"
import { waitsOf } from "../domain/collectives/waits.ts"
import { chosen } from "./ccl-answers.ts"

const Quantiles = Schema.Struct({
  p50: Schema.NullOr(Schema.Number),
  p95: Schema.NullOr(Schema.Number),
  p99: Schema.NullOr(Schema.Number),
})

const GroupRow = Schema.Struct({
  communicator: Schema.String,
  op: Schema.String,
  algorithm: Schema.NullOr(Schema.String),
  data_type: Schema.NullOr(Schema.String),
  log2_bytes: Schema.NullOr(Schema.Int),
  ranks: Schema.Int,
  count: Schema.Int,
  transfer_micros: Quantiles,
  skew_micros: Quantiles,
  bus_gb_per_second: Quantiles,
  outliers: Schema.Int,
})

const RegressionRow = Schema.Struct({
  communicator: Schema.String,
  operations_per_iteration: Schema.Int,
  before_micros: Schema.Number,
  now_micros: Schema.Number,
  iterations: Schema.Int,
})

const LossRow = Schema.Struct({ communicator: Schema.String, name: Schema.String, seconds_lost: Schema.Number })

export const StatisticsAnswer = Schema.Struct({
  position: Schema.Int,
  /** Every quantile lies within this share of the true one. */
  relative_error: Schema.Number,
  groups: Schema.Array(GroupRow),
  regressions: Schema.Array(RegressionRow),
  lost_by_file: Schema.Array(LossRow),
  lost_by_host: Schema.Array(LossRow),
})

export const statisticsAnswer = (
  collectives: Collectives,
  position: Position,
  communicator: string | null = null,
): typeof StatisticsAnswer.Type => {
  const all = chosen(collectives, communicator)
  return {
    position,
    relative_error: relativeError,
    groups: all.flatMap((one) => Array.from(one.groups.values(), (group) => groupRow(one, group))),
    regressions: all.flatMap((one) => {
      const found = regression(one.beats)
      if (found === null) return []
      const { period, beforeMicros, nowMicros, iterations } = found
      return [
        {
          communicator: one.id,
          operations_per_iteration: period,
          before_micros: beforeMicros,
          now_micros: nowMicros,
          iterations,
        },
      ]
    }),
    lost_by_file: all.flatMap((one) => lossRows(one, one.lostByFile)),
    lost_by_host: all.flatMap((one) => lossRows(one, lostByHost(one))),
  }
}

const quantilesOf = (sketch: Sketch): typeof Quantiles.Type => {
  const at = (q: number) => (sketch.count === 0 ? null : quantile(sketch, q))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

const groupRow = (one: Communicator, group: OpGroup): typeof GroupRow.Type => ({
  communicator: one.id,
  op: group.signature.op,
  algorithm: group.signature.algorithm,
  data_type: group.signature.dataType,
  log2_bytes: group.sizeClass < 0 ? null : group.sizeClass,
  ranks: one.size,
  count: group.transfer.count,
  transfer_micros: quantilesOf(group.transfer),
  skew_micros: quantilesOf(group.skew),
  bus_gb_per_second: quantilesOf(group.busbw),
  outliers: group.outliers,
})

const lostByHost = (one: Communicator): ReadonlyMap<string, number> => {
  const lost = new Map<string, number>()
  for (const { host, lostMicros } of one.seats.values()) {
    if (host !== null) lost.set(host, (lost.get(host) ?? 0) + lostMicros)
  }
  return lost
}

const lossRows = (one: Communicator, lost: ReadonlyMap<string, number>): ReadonlyArray<typeof LossRow.Type> =>
  Array.from(lost, ([name, micros]) => ({ communicator: one.id, name, seconds_lost: micros / 1e6 }))

const WaitRow = Schema.Struct({
  communicator: Schema.String,
  rank: Schema.Int,
  pid: Schema.NullOr(Schema.Int),
  op: Schema.String,
  ordinal: Schema.NullOr(Schema.Int),
  filename: Schema.String,
  /** Ranks that have not come; empty when all have, and it still has no end. */
  waits_for: Schema.Array(Schema.Int),
  age_seconds: Schema.Number,
  position: Schema.Int,
})

export const WaitsAnswer = Schema.Struct({ position: Schema.Int, waits: Schema.Array(WaitRow) })

/** `now` is the time of the event at that position, µs. */
export const waitsAnswer = (
  collectives: Collectives,
  now: number,
  position: Position,
  communicator: string | null = null,
): typeof WaitsAnswer.Type => ({
  position,
  waits: chosen(collectives, communicator)
    .flatMap((one) => waitsOf(analyse(one)))
    .map(({ communicator, seat, operation, column, since, targets }) => ({
      communicator: communicator.id,
      rank: seat.rank,
      pid: seat.pid,
      op: operation.signature.op,
      ordinal: column?.ordinal ?? null,
      filename: operation.signature.filename,
      waits_for: targets,
      age_seconds: Math.max(0, (now - since) / 1e6),
      position: operation.position,
    })),
})
