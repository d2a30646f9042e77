// What crosses the wire about collectives beside the verdict: GET /v1/ccl/communicators, ranks, matrix.

import { Schema } from "effect"
import type { Position } from "../domain/Brands.ts"
import { analyse } from "../domain/collectives/analyse.ts"
import type { Collectives } from "../domain/collectives/Collectives.ts"
import { type Communicator, seatsOf } from "../domain/collectives/Communicator.ts"
import { lossRate } from "../domain/collectives/losses.ts"
import { stragglerScore, stragglingOf } from "../domain/collectives/stragglers.ts"

const Known = Schema.NullOr(Schema.Number)
/** JSON has no NaN: what is not known is null. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null)
const CommunicatorRow = Schema.Struct({
  id: Schema.String,
  run_id: Schema.NullOr(Schema.String),
  comm_id: Schema.NullOr(Schema.String),
  size: Schema.Int,
  ranks_reporting: Schema.Int,
  collectives: Schema.Int,
  settled: Schema.Int,
  disagreements: Schema.Int,
  approximate: Schema.Boolean,
  loss_percent: Schema.Number,
})
export const CommunicatorsAnswer = Schema.Struct({ position: Schema.Int, communicators: Schema.Array(CommunicatorRow) })

/** Those that anybody is in; of one id if it is not null. */
export const chosen = (collectives: Collectives, id: string | null): ReadonlyArray<Communicator> =>
  Array.from(collectives.communicators.values()).filter((one) => one.seats.size > 0 && (id === null || one.id === id))

export const communicatorsAnswer = (
  collectives: Collectives,
  position: Position,
  communicator: string | null = null,
): typeof CommunicatorsAnswer.Type => ({
  position,
  communicators: chosen(collectives, communicator).map((one) => {
    const analysis = analyse(one)
    return {
      id: one.id,
      run_id: one.runId,
      comm_id: one.commId,
      size: one.size,
      ranks_reporting: one.seats.size,
      collectives: one.settled + analysis.columns.length,
      settled: one.settled,
      disagreements: one.mixed + analysis.columns.filter(({ dissent }) => dissent !== null).length,
      approximate: one.approximate,
      loss_percent: 100 * lossRate(analysis),
    }
  }),
})

const RankRow = Schema.Struct({
  communicator: Schema.String,
  rank: Schema.Int,
  host: Schema.NullOr(Schema.String),
  pid: Schema.NullOr(Schema.Int),
  arrived_last: Schema.Int,
  arrived_last_percent: Known,
  seconds_lost: Schema.Number,
  median_gap_micros: Known,
  straggler_score: Known,
  straggler: Schema.Boolean,
  clock_shift_micros: Known,
  clock_drift_ppm: Known,
  clock_uncertainty_micros: Known,
  last_position: Schema.Int,
})
export const RanksAnswer = Schema.Struct({ position: Schema.Int, ranks: Schema.Array(RankRow) })

export const ranksAnswer = (
  collectives: Collectives,
  position: Position,
  communicator: string | null = null,
): typeof RanksAnswer.Type => ({
  position,
  ranks: chosen(collectives, communicator).flatMap((one) => {
    const straggling = stragglingOf(one)
    return seatsOf(one)
      .map((seat, index) => ({
        communicator: one.id,
        rank: seat.rank,
        host: seat.host,
        pid: seat.pid,
        arrived_last: seat.arrivedLast,
        arrived_last_percent: seat.columns === 0 ? null : (100 * seat.arrivedLast) / seat.columns,
        seconds_lost: seat.lostMicros / 1e6,
        median_gap_micros: known(straggling[index]?.medianGapMicros ?? Number.NaN),
        straggler_score: known(straggling[index]?.score ?? Number.NaN),
        straggler: (straggling[index]?.score ?? 1) < stragglerScore,
        clock_shift_micros: seat.clock?.shift ?? null,
        clock_drift_ppm: seat.clock === null ? null : 1e6 * seat.clock.drift,
        clock_uncertainty_micros: seat.clock?.uncertainty ?? null,
        last_position: seat.lastPosition,
      }))
      .sort((a, b) => a.rank - b.rank)
  }),
})

const MatrixRow = Schema.Struct({
  communicator: Schema.String,
  from: Schema.Int,
  to: Schema.Int,
  sends: Schema.Int,
  receives: Schema.Int,
  bytes: Schema.Number,
  late_sender_seconds: Schema.Number,
  late_receiver_seconds: Schema.Number,
  ambiguous: Schema.Int,
})
export const MatrixAnswer = Schema.Struct({ position: Schema.Int, pairs: Schema.Array(MatrixRow) })

export const matrixAnswer = (
  collectives: Collectives,
  position: Position,
  communicator: string | null = null,
): typeof MatrixAnswer.Type => ({
  position,
  pairs: chosen(collectives, communicator).flatMap((one) =>
    Array.from(one.exchanges.values(), ({ lateSenderMicros, lateReceiverMicros, ...exchange }) => ({
      communicator: one.id,
      ...exchange,
      late_sender_seconds: lateSenderMicros / 1e6,
      late_receiver_seconds: lateReceiverMicros / 1e6,
    })),
  ),
})
