// The whole at a glance: the collectives' sentence, the host, what runs, what is alarming, what was done last.

import "../styles/overview.css"
import { VerdictPanel } from "../collectives/VerdictPanel.tsx"
import type { Desk } from "../Desk.ts"
import { answerTo } from "../PageState.ts"
import { ManagedTable } from "../processes/ManagedTable.tsx"
import { metricsAsked, processesAsked, verdictAsked } from "../questions.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"
import { Alerts, alertsAsked } from "./Alerts.tsx"
import { auditAsked, LastActions } from "./LastActions.tsx"
import { HostPanel } from "./HostPanel.tsx"

const Body = ({ desk }: { readonly desk: Desk }) => {
  const { picture } = desk.page
  const verdict = answerTo(picture, verdictAsked)
  const metrics = answerTo(picture, metricsAsked)
  const processes = answerTo(picture, processesAsked)
  return (
    <div class="overview">
      <div class="overview-column">
        {verdict?._tag === "Answered" ? (
          <VerdictPanel verdict={verdict.value} desk={desk} isWhole={false} />
        ) : (
          <Unread name="Collectives" outcome={verdict} />
        )}
        {processes?._tag === "Answered" ? (
          <ManagedTable processes={processes.value.processes} desk={desk} />
        ) : (
          <Unread name="Processes" outcome={processes} />
        )}
      </div>
      <div class="overview-column">
        {metrics?._tag === "Answered" ? <HostPanel answer={metrics.value} /> : <Unread name="Host" outcome={metrics} />}
        <Alerts desk={desk} />
        <LastActions desk={desk} />
      </div>
    </div>
  )
}

export const overviewView: View = {
  name: "overview",
  title: "Overview",
  questions: () => [metricsAsked, processesAsked, alertsAsked, auditAsked],
  Body,
}
