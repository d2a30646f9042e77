// What proplets that are not ours say on the broker, as they said it.

import { Schema } from "effect"

export const PropletReported = Schema.TaggedStruct("PropletReported", {
  proplet: Schema.String,
  kind: Schema.Literal("alive", "offline", "created", "metrics", "task_metrics", "results"),
  task: Schema.NullOr(Schema.String),
  /** The message, in JSON; bounded by who takes it. */
  payload: Schema.String,
})
export type PropletReported = typeof PropletReported.Type
