// Rules that watch, and what they found: an alert is raised once when its condition holds and cleared once when it does not any more.

import { Schema } from "effect"
import { AlertRule } from "../alerts/AlertRule.ts"

/** A rule stands from here on, in place of an earlier one of its name. */
const AlertRuleDefined = Schema.TaggedStruct("AlertRuleDefined", {
  rule: Schema.typeSchema(AlertRule),
  /** Rules of the file go when the file does not name them any more; others stay until somebody removes them. */
  source: Schema.Literal("file", "request"),
})

const AlertRuleRemoved = Schema.TaggedStruct("AlertRuleRemoved", { name: Schema.String })

/** An alert is known by the position of this event. */
const AlertRaised = Schema.TaggedStruct("AlertRaised", {
  rule: Schema.String,
  severity: Schema.Literal("info", "warning", "critical"),
  /** "host", a process id, a communicator, a part of the agent. */
  subject: Schema.String,
  /** For people: the process's name, where the subject is a process. */
  name: Schema.String,
  value: Schema.NullOr(Schema.Number),
  sentence: Schema.String,
  action: Schema.Literal("none", "restart", "stop"),
})

const AlertCleared = Schema.TaggedStruct("AlertCleared", {
  /** The position at which it was raised. */
  alert: Schema.Int,
  rule: Schema.String,
  subject: Schema.String,
  reason: Schema.String,
})

export const AlertEvent = Schema.Union(AlertRuleDefined, AlertRuleRemoved, AlertRaised, AlertCleared)
export type AlertEvent = typeof AlertEvent.Type
export type AlertRaised = typeof AlertRaised.Type
export type AlertCleared = typeof AlertCleared.Type
