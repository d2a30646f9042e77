// What crosses the wire about histories: GET /v1/series.

import { Schema } from "effect"

const Quantity = Schema.Struct({
  /** How many looks had it: fewer than the row's where some could not tell. */
  count: Schema.Int,
  min: Schema.Number,
  max: Schema.Number,
  mean: Schema.Number,
  last: Schema.Number,
})

export const SeriesAnswer = Schema.Struct({
  position: Schema.Int,
  /** "raw": a row a look or operation · "1m", "1h": a row a minute or an hour, from rollups where the telemetry has aged. */
  resolution: Schema.Literal("raw", "1m", "1h"),
  rows: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      label: Schema.NullOr(Schema.String),
      at: Schema.String,
      looks: Schema.Int,
      quantities: Schema.Record({ key: Schema.String, value: Quantity }),
    }),
  ),
})
export type SeriesAnswer = typeof SeriesAnswer.Type
