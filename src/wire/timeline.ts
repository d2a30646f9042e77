// What crosses the wire about how full the log is over time: GET /v1/timeline.

import { Schema } from "effect"

export const TimelineAnswer = Schema.Struct({
  position: Schema.Int,
  /** The time of the first boundary; the next ones follow a step apart. */
  from: Schema.String,
  step_seconds: Schema.Number,
  /** The last position at or before each boundary: the difference of two neighbours is how many events lie between. */
  positions: Schema.Array(Schema.Int),
})
export type TimelineAnswer = typeof TimelineAnswer.Type
