// Numbers that somebody measured: collectors of one's own, processes about themselves, parts of the host that have no columns.

import { Schema } from "effect"

export const Measure = Schema.Struct({
  name: Schema.String,
  /** A counter only grows, but for starting anew; its rate is derived by projections. */
  kind: Schema.Literal("gauge", "counter"),
  labels: Schema.Record({ key: Schema.String, value: Schema.String }),
  value: Schema.Number,
})
export type Measure = typeof Measure.Type

/** One look of one collector, or, with `custom` as the collector, what a process told of itself. */
export const MeasuresTaken = Schema.TaggedStruct("MeasuresTaken", {
  collector: Schema.String,
  /** The agent's monotonic clock at the look. */
  takenMicros: Schema.Number,
  measures: Schema.Array(Measure),
})
export type MeasuresTaken = typeof MeasuresTaken.Type
