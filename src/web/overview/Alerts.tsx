// What is alarming: the alerts that stand, and the last that were cleared.

import type { AlertAnswer, AlertsAnswer } from "../../wire/alerts.ts"
import type { Desk } from "../Desk.ts"
import { typesOf } from "../EventLine.ts"
import { Icon } from "../Icon.tsx"
import { MomentLink } from "../MomentLink.tsx"
import { answerTo } from "../PageState.ts"
import { question } from "../Question.ts"
import { Time } from "../Time.tsx"
import { Why } from "../Unread.tsx"
import type { Tone } from "../verdictWords.ts"

export const alertsAsked = question<AlertsAnswer>("v1/alerts", {}, 1_000, typesOf("alert"))

const tones: Readonly<Record<AlertAnswer["severity"], Tone>> = { info: "unsure", warning: "warn", critical: "bad" }
const endedShown = 3

export const Alerts = ({ desk }: { readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, alertsAsked)
  return (
    <section class="panel" aria-labelledby="alerts-title">
      <div class="panel-head">
        <h2 id="alerts-title" class="panel-title">
          Alerts
        </h2>
        {answer?._tag === "Answered" && answer.value.active.length > 0 && (
          <span class="panel-count">{answer.value.active.length}</span>
        )}
      </div>
      {answer?._tag !== "Answered" ? <Why outcome={answer} /> : <List answer={answer.value} desk={desk} />}
    </section>
  )
}

const List = ({ answer, desk }: { readonly answer: AlertsAnswer; readonly desk: Desk }) => (
  <>
    {answer.active.length === 0 && <p class="hint">Nothing is alarming.</p>}
    <ul class="alerts">
      {answer.active.map((alert) => (
        <Alert key={alert.position} alert={alert} desk={desk} />
      ))}
      {answer.ended.slice(0, endedShown).map((alert) => (
        <Alert key={alert.position} alert={alert} desk={desk} />
      ))}
    </ul>
  </>
)

const Alert = ({ alert, desk }: { readonly alert: AlertAnswer; readonly desk: Desk }) => {
  const near = desk.page.picture?.state.at ?? null
  const isOver = alert.cleared_at !== null
  return (
    <li class={isOver ? "alert-over" : `tone-${tones[alert.severity]}`}>
      <Icon tone={isOver ? "good" : tones[alert.severity]} />
      <span>
        {alert.sentence}{" "}
        <MomentLink at={String(alert.position)} choose={desk.choose} label={`When ${alert.rule} was raised`}>
          <Time at={alert.raised_at} near={near} />
        </MomentLink>
        {alert.cleared_at !== null && (
          <>
            , cleared <Time at={alert.cleared_at} near={near} />
          </>
        )}
      </span>
    </li>
  )
}
