// What crosses the wire about a replay: GET /v1/replay, and the bodies of what moves it.

import { Schema } from "effect"

const Mark = Schema.Struct({ position: Schema.Int, at: Schema.NullOr(Schema.String) })

/** Times faster than it was recorded; "max" is as fast as it can be taken. */
const ReplaySpeed = Schema.Union(Schema.Literal("max"), Schema.Number.pipe(Schema.between(0.01, 10_000)))

export const ReplayAnswer = Schema.Struct({
  state: Schema.Literal("playing", "paused", "ended"),
  speed: ReplaySpeed,
  /** The last event that happened; its position is 0 or that before the first when none has. */
  now: Mark,
  first: Mark,
  last: Mark,
})
export type ReplayAnswer = typeof ReplayAnswer.Type

export const SpeedBody = Schema.Struct({ speed: ReplaySpeed })

/** A moment as `?at=` takes it: a position, an ISO 8601 time, or a span back from the end (-10m). */
export const SeekBody = Schema.Struct({ to: Schema.Union(Schema.String, Schema.Int) })

export const StepBody = Schema.Struct({ events: Schema.optional(Schema.Int.pipe(Schema.between(1, 1_000_000))) })
