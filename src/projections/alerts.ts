// The rules, what they watch, and the alerts that stand.

import * as Alerts from "../domain/alerts/Alerts.ts"
import type { Projection } from "./Projection.ts"

export const alerts: Projection<Alerts.Alerts> = {
  name: "alerts",
  version: 1,
  initial: Alerts.initial,
  evolve: Alerts.evolve,
  copy: Alerts.copy,
}
