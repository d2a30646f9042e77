// What crosses the wire about alerts: /v1/alerts and its rules.

import { Schema } from "effect"
import type { Alert, RuleSource } from "../domain/alerts/Alerts.ts"
import { AlertRule } from "../domain/alerts/AlertRule.ts"
import { isoTime } from "../domain/Moment.ts"

const AlertAnswer = Schema.Struct({
  /** Where it was raised: by this it is known. */
  position: Schema.Int,
  rule: Schema.String,
  severity: Schema.Literal("info", "warning", "critical"),
  subject: Schema.String,
  name: Schema.String,
  sentence: Schema.String,
  value: Schema.NullOr(Schema.Number),
  action: Schema.Literal("none", "restart", "stop"),
  raised_at: Schema.String,
  cleared_at: Schema.NullOr(Schema.String),
  cleared_because: Schema.NullOr(Schema.String),
})
export type AlertAnswer = typeof AlertAnswer.Type

export const AlertsAnswer = Schema.Struct({
  position: Schema.Int,
  /** What stands, the latest first. */
  active: Schema.Array(AlertAnswer),
  /** The latest that were cleared, the latest first. */
  ended: Schema.Array(AlertAnswer),
})
export type AlertsAnswer = typeof AlertsAnswer.Type

export const RuleBody = AlertRule
const RuleAnswer = Schema.extend(
  Schema.typeSchema(AlertRule),
  Schema.Struct({ source: Schema.Literal("built-in", "file", "request") }),
)
export const RulesAnswer = Schema.Struct({ position: Schema.Int, rules: Schema.Array(RuleAnswer) })
export type RulesAnswer = typeof RulesAnswer.Type

export const alertAnswer = (alert: Alert): AlertAnswer => ({
  position: alert.position,
  rule: alert.rule,
  severity: alert.severity,
  subject: alert.subject,
  name: alert.name,
  sentence: alert.sentence,
  value: alert.value,
  action: alert.action,
  raised_at: isoTime(alert.at),
  cleared_at: alert.cleared === null ? null : isoTime(alert.cleared.at),
  cleared_because: alert.cleared?.reason ?? null,
})

export const ruleAnswer = (rule: AlertRule, source: RuleSource): typeof RuleAnswer.Type => ({ ...rule, source })
