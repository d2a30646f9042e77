// The shapes of POST /log_ccl for its description; what is taken is decided in ccl.ts, field by field.

import { Schema } from "effect"

const Count = Schema.optional(Schema.NullOr(Schema.Int.pipe(Schema.nonNegative())))
const Rank = Schema.optional(Schema.NullOr(Schema.Int.pipe(Schema.greaterThanOrEqualTo(-1))))
const Text = Schema.optional(Schema.NullOr(Schema.String))

export const CclRecord = Schema.Struct({
  opType: Schema.NonEmptyString,
  algorithm: Text,
  dataType: Text,
  count: Count,
  bytes: Count,
  rootRank: Rank,
  remoteRank: Rank,
  context_rank: Count,
  context_size: Count,
  startTime: Count,
  endTime: Count,
  filename: Text,
  finished: Schema.optional(Schema.NullOr(Schema.Boolean)),
  run_id: Text,
  comm_id: Text,
  seq: Count,
  host: Text,
  pid: Count,
})

export const CclAnswer = Schema.Struct({
  message: Schema.Literal("Log processed"),
  /** Only for arrays and NDJSON. Lines and items count from 1. */
  accepted: Schema.optional(Schema.Int),
  rejected: Schema.optional(Schema.Array(Schema.Struct({ line: Schema.Int, error: Schema.String }))),
  rejected_count: Schema.optional(Schema.Int),
})
export type CclAnswer = typeof CclAnswer.Type
