// What crosses the wire about single operations: GET /v1/ccl/operations, one by one or, with a resolution, in slices of time.

import { Schema } from "effect"
import type { Position } from "../domain/Brands.ts"
import { busBandwidth, bytesOf } from "../domain/collectives/bandwidth.ts"
import type { Coarse, Track } from "../domain/collectives/coarse.ts"
import type { Placed } from "../domain/collectives/placed.ts"
import type { Summary } from "../domain/collectives/Summary.ts"

const Known = Schema.NullOr(Schema.Number)
/** JSON has no NaN: what is not known is null. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null)
const whole = (value: number): number | null => (Number.isFinite(value) ? Math.round(value) : null)

/** Times are of the agent's wall clock, µs since the epoch; a rank's own clock is fitted to it. */
const OperationRow = Schema.Struct({
  communicator: Schema.String,
  /** Null for a send or recv, which has one rank: the one that reports it. */
  ordinal: Schema.NullOr(Schema.Int),
  op: Schema.String,
  filename: Schema.String,
  /** The other side of a send or recv. */
  remote_rank: Schema.NullOr(Schema.Int),
  bytes: Known,
  start_micros: Known,
  /** Null while a rank is in it. */
  end_micros: Known,
  /** These four lists go together. */
  ranks: Schema.Array(Schema.Int),
  starts_micros: Schema.Array(Schema.Number),
  ends_micros: Schema.Array(Known),
  waits_micros: Schema.Array(Known),
  present: Schema.Int,
  finished: Schema.Int,
  transfer_micros: Known,
  skew_micros: Known,
  end_skew_micros: Known,
  wait_ratio: Known,
  bottleneck: Schema.Boolean,
  last_rank: Schema.NullOr(Schema.Int),
  clocks_disagree: Schema.Boolean,
  root_micros: Known,
  bus_gb_per_second_of_transfer: Known,
  bus_gb_per_second_of_wall: Known,
  first_position: Schema.Int,
  last_position: Schema.Int,
})

const range = { position: Schema.Int, from: Schema.Int, to: Schema.Int }

export const OperationsAnswer = Schema.Struct({
  ...range,
  /** Ask again with this cursor for what follows; null at the end of the range. */
  next: Schema.NullOr(Schema.Int),
  operations: Schema.Array(OperationRow),
})

/** For each rank the slices in which anything ended; these lists go together. */
const TrackRow = Schema.Struct({
  communicator: Schema.String,
  rank: Schema.Int,
  slices: Schema.Array(Schema.Int),
  operations: Schema.Array(Schema.Int),
  busy_micros: Schema.Array(Schema.Number),
  worst_wait_micros: Schema.Array(Schema.Number),
  longest_micros: Schema.Array(Schema.Number),
  longest_position: Schema.Array(Schema.Int),
})

export const CoarseOperationsAnswer = Schema.Struct({
  ...range,
  /** Where slice 0 begins, and how long each is. */
  first_micros: Schema.Number,
  slice_micros: Schema.Number,
  tracks: Schema.Array(TrackRow),
})

/** Of the time in a collective, so much waiting makes it a bottleneck. */
const bottleneckRatio = 0.2

export const operationRow = ({
  communicator,
  signature,
  summary,
  parts,
  ...positions
}: Placed): typeof OperationRow.Type => {
  const [first] = parts
  const starts = parts.map(({ start }) => Math.round(start))
  const ends = parts.map(({ end }) => whole(end))
  const transfer = summary === null ? (first?.operation ?? null) : null
  const bytes = transfer === null ? bytesOf(signature, communicator.size) : transfer.bytes
  return {
    communicator: communicator.id,
    ordinal: summary?.ordinal ?? null,
    op: signature.op,
    filename: signature.filename,
    remote_rank: transfer === null || transfer.peer < 0 ? null : transfer.peer,
    bytes,
    start_micros: known(Math.min(...starts)),
    end_micros: ends.includes(null) ? null : known(Math.max(...ends.map((end) => end ?? 0))),
    ranks: parts.map(({ seat }) => seat.rank),
    starts_micros: starts,
    ends_micros: ends,
    waits_micros: parts.map(({ waitMicros }) => whole(waitMicros)),
    present: summary?.present ?? parts.length,
    finished: summary?.finished ?? parts.filter(({ operation }) => operation.finished).length,
    ...measuresOf(summary, signature.op, bytes, communicator.size),
    first_position: positions.firstPosition,
    last_position: positions.lastPosition,
  }
}

const measuresOf = (summary: Summary | null, op: string, bytes: number | null, size: number) => {
  const of = summary ?? nothing
  return {
    transfer_micros: known(of.transferMicros),
    skew_micros: known(of.skewMicros),
    end_skew_micros: known(of.endSkewMicros),
    wait_ratio: known(of.waitRatio),
    bottleneck: of.waitRatio > bottleneckRatio,
    last_rank: of.lastRank < 0 ? null : of.lastRank,
    clocks_disagree: of.clocksDisagree,
    root_micros: known(of.rootMicros),
    bus_gb_per_second_of_transfer: busBandwidth(op, bytes, size, of.transferMicros),
    bus_gb_per_second_of_wall: busBandwidth(op, bytes, size, of.wallMicros),
  }
}

const nothing = {
  transferMicros: Number.NaN,
  skewMicros: Number.NaN,
  endSkewMicros: Number.NaN,
  waitRatio: Number.NaN,
  lastRank: -1,
  clocksDisagree: false,
  rootMicros: Number.NaN,
  wallMicros: Number.NaN,
}

export const coarseAnswer = (
  coarse: Coarse,
  slices: { readonly first: number; readonly micros: number },
  extent: { readonly position: Position; readonly from: Position; readonly to: Position },
): typeof CoarseOperationsAnswer.Type => ({
  ...extent,
  first_micros: slices.first,
  slice_micros: slices.micros,
  tracks: Array.from(coarse.tracks.values(), trackRow).sort((a, b) =>
    a.communicator === b.communicator ? a.rank - b.rank : a.communicator < b.communicator ? -1 : 1,
  ),
})

const trackRow = (track: Track): typeof TrackRow.Type => ({
  communicator: track.communicator,
  rank: track.rank,
  slices: track.slices,
  operations: track.operations,
  busy_micros: track.busyMicros,
  worst_wait_micros: track.worstWaitMicros,
  longest_micros: track.longestMicros,
  longest_position: track.positions,
})
