// What crosses the wire about measures: what a process reports of itself, and what is known.

import { Schema } from "effect"

/** As Prometheus takes them. */
const Name = Schema.String.pipe(Schema.pattern(/^[A-Za-z_:][A-Za-z0-9_:]{0,99}$/))
const LabelName = Schema.String.pipe(Schema.pattern(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/))
const Labels = Schema.Record({ key: LabelName, value: Schema.String.pipe(Schema.maxLength(200)) }).pipe(
  Schema.filter((labels) => Object.keys(labels).length <= 10 || "ten labels are the most"),
)
const Values = Schema.Record({ key: Name, value: Schema.JsonNumber }).pipe(
  Schema.filter((values) => Object.keys(values).length <= 1000 || "a thousand numbers are the most at once"),
)

export const CustomMetrics = Schema.Struct({
  /** Of which job or run they are; by default of the process that reports. */
  run: Schema.optional(Schema.NonEmptyString.pipe(Schema.maxLength(200))),
  labels: Schema.optional(Labels),
  gauges: Schema.optional(Values),
  counters: Schema.optional(Values),
})
export type CustomMetrics = typeof CustomMetrics.Type

export const CustomAnswer = Schema.Struct({ accepted: Schema.Int, run: Schema.String, position: Schema.Int })

export const MeasuresAnswer = Schema.Struct({
  position: Schema.Int,
  measures: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      kind: Schema.Literal("gauge", "counter"),
      labels: Schema.Record({ key: Schema.String, value: Schema.String }),
      value: Schema.Number,
      /** Of a counter, a second; null until it was told of twice. */
      rate: Schema.NullOr(Schema.Number),
      collector: Schema.String,
      at: Schema.String,
    }),
  ),
})
export type MeasuresAnswer = typeof MeasuresAnswer.Type
