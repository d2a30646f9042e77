// What somebody wants to be told of: a condition on a metric, an event or the agent itself, and what is to be done when it holds.

import { Schema } from "effect"
import { isMetric } from "./metrics.ts"

/** Spans are in seconds: a rule is written by people, in files and requests, and stands in the log as they wrote it. */
const span = Schema.Number.pipe(Schema.between(0, 604_800))
const limits = { above: Schema.optional(Schema.Number), below: Schema.optional(Schema.Number) }
const metric = Schema.String

/** Holds while the last value is beyond a limit, and has been for so long. */
const Threshold = Schema.Struct({
  kind: Schema.Literal("threshold"),
  metric,
  ...limits,
  for: Schema.optionalWith(span, { default: () => 0 }),
})

/** The same of the change a second, over a window. */
const Rate = Schema.Struct({
  kind: Schema.Literal("rate"),
  metric,
  ...limits,
  window: span.pipe(Schema.positive()),
  for: Schema.optionalWith(span, { default: () => 0 }),
})

/** Holds when no value came for so long. */
const Missing = Schema.Struct({ kind: Schema.Literal("missing"), metric, for: span.pipe(Schema.positive()) })

/** Holds while the last value is so many standard deviations from the mean of the `samples` values before it. */
const Deviation = Schema.Struct({
  kind: Schema.Literal("deviation"),
  metric,
  sigmas: Schema.Number.pipe(Schema.between(1, 100)),
  samples: Schema.optionalWith(Schema.Int.pipe(Schema.between(5, 300)), { default: () => 60 }),
})

/** Holds while at least so many events of a type lie within the window. */
const Events = Schema.Struct({
  kind: Schema.Literal("events"),
  type: Schema.String,
  count: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 1000)), { default: () => 1 }),
  window: span.pipe(Schema.positive()),
})

/** Holds for a communicator while its verdict is worse than healthy. */
const Collectives = Schema.Struct({ kind: Schema.Literal("collectives") })

/** Holds while a part of the agent does not do its work. */
const Degraded = Schema.Struct({ kind: Schema.Literal("degraded") })

const Condition = Schema.Union(Threshold, Rate, Missing, Deviation, Events, Collectives, Degraded)
export type Condition = typeof Condition.Type

const Severity = Schema.Literal("info", "warning", "critical")
export type Severity = typeof Severity.Type

export const AlertRule = Schema.Struct({
  name: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)),
  severity: Schema.optionalWith(Severity, { default: () => "warning" as const }),
  when: Condition,
  /** The name of the managed processes that it is about, each for itself; "*" is any, null is the host. */
  process: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  /** What becomes of the process when it is raised. */
  action: Schema.optionalWith(Schema.Literal("none", "restart", "stop"), { default: () => "none" as const }),
})
export type AlertRule = typeof AlertRule.Type

/** Why a rule that has the right shape makes no sense; null when it does. */
export const faultIn = ({ when, process, action }: AlertRule, eventTypes: ReadonlySet<string>): string | null => {
  if (
    (when.kind === "threshold" || when.kind === "rate") &&
    (when.above === undefined) === (when.below === undefined)
  ) {
    return "one of above and below says where the limit is, and only one of them"
  }
  if ("metric" in when && !isMetric(when.metric, process !== null)) {
    return process === null
      ? `${when.metric} is no metric of the host; a rule about processes also says which: "process": "*"`
      : `${when.metric} is no metric of a process`
  }
  if (when.kind === "events" && !eventTypes.has(when.type)) return `${when.type} is no type of event`
  if (when.kind === "events" && when.type.startsWith("Alert")) return "alerts are not raised about alerts"
  if (action !== "none" && process === null) {
    return `${action} is for a process, and the rule names none; "process" is a name, or * for any`
  }
  return null
}
