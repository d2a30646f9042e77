// The rules that stand in every log from its beginning. They can be removed like any other.

import type { AlertRule } from "./AlertRule.ts"

export const collectives = "collectives"
export const degraded = "agent-degraded"

export const builtIn: ReadonlyArray<AlertRule> = [
  { name: collectives, severity: "critical", when: { kind: "collectives" }, process: null, action: "none" },
  { name: degraded, severity: "warning", when: { kind: "degraded" }, process: null, action: "none" },
]
