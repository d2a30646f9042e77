// Alerts about collectives: one for each communicator that is not well, for as long as its verdict stays the same.

import type { Verdict, VerdictKind } from "../collectives/Verdict.ts"
import type { AlertCleared, AlertRaised } from "../events/AlertEvents.ts"
import { type Alerts, cleared, keyOf, raise } from "./Alerts.ts"
import { collectives } from "./builtIn.ts"

const quiet: ReadonlySet<VerdictKind> = new Set(["healthy", "cannot_tell"])

/** What has to be written down after a look at the verdicts. */
export const dueBy = (state: Alerts, verdicts: ReadonlyArray<Verdict>): ReadonlyArray<AlertRaised | AlertCleared> => {
  const rule = state.rules.get(collectives)?.rule
  if (rule === undefined) return []
  const due: Array<AlertRaised | AlertCleared> = []
  const bad = new Map(verdicts.filter(({ kind }) => !quiet.has(kind)).map((one) => [subjectOf(one), one]))
  for (const alert of state.raised.values()) {
    if (alert.rule !== collectives) continue
    const verdict = bad.get(alert.subject)
    if (verdict === undefined) due.push(cleared(alert, "its verdict is healthy again"))
    else if (verdict.kind !== alert.name) due.push(cleared(alert, `its verdict is ${verdict.kind} now`))
  }
  for (const [subject, verdict] of bad) {
    const known = state.raised.get(keyOf(collectives, subject))
    if (known?.name === verdict.kind) continue
    const severity = verdict.kind.startsWith("slow") ? "warning" : rule.severity
    const { sentence } = verdict
    due.push({ ...raise(rule, { subject, name: verdict.kind, value: null, sentence }), severity })
  }
  return due
}

const subjectOf = ({ communicator }: Verdict): string => communicator?.id ?? "none"
