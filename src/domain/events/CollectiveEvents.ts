// Collective and point-to-point operations, as the ranks of a job report them.

import { Schema } from "effect"

/**
 * Who reported: what tells one job's ranks from another's when the record itself does not.
 * `key` is the run id if one was sent, else the reporting pid, else the peer's address.
 */
export const Reporter = Schema.Struct({
  key: Schema.String,
  runId: Schema.NullOr(Schema.String),
  host: Schema.NullOr(Schema.String),
  pid: Schema.NullOr(Schema.Int),
})
export type Reporter = typeof Reporter.Type

const common = {
  reporter: Reporter,
  communicator: Schema.NullOr(Schema.String),
  op: Schema.String,
  rank: Schema.NullOr(Schema.Int),
  size: Schema.NullOr(Schema.Int),
  /** Microseconds of the reporter's own clock, often not wall time: never compared with the agent's. */
  startTime: Schema.NullOr(Schema.Number),
  endTime: Schema.NullOr(Schema.Number),
  filename: Schema.NullOr(Schema.String),
  seq: Schema.NullOr(Schema.Int),
  /** Fields that nobody here knows, kept as they came. */
  extra: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
}

const collective = {
  ...common,
  algorithm: Schema.NullOr(Schema.String),
  dataType: Schema.NullOr(Schema.String),
  count: Schema.NullOr(Schema.Number),
  rootRank: Schema.NullOr(Schema.Int),
}

const transfer = {
  ...common,
  remoteRank: Schema.NullOr(Schema.Int),
  bytes: Schema.NullOr(Schema.Number),
}

const CollectiveStarted = Schema.TaggedStruct("CollectiveStarted", collective)
const CollectiveFinished = Schema.TaggedStruct("CollectiveFinished", collective)
const TransferStarted = Schema.TaggedStruct("TransferStarted", transfer)
const TransferFinished = Schema.TaggedStruct("TransferFinished", transfer)

export const CollectiveEvent = Schema.Union(CollectiveStarted, CollectiveFinished, TransferStarted, TransferFinished)
export type CollectiveEvent = typeof CollectiveEvent.Type
