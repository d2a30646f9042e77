// Who did what of late, or was refused it.

import type { Desk } from "../Desk.ts"
import { summaryOf, type EventLine, typesOf } from "../EventLine.ts"
import { MomentLink } from "../MomentLink.tsx"
import { answerTo } from "../PageState.ts"
import { hashOf, placeAt } from "../Place.ts"
import { question } from "../Question.ts"
import { Time } from "../Time.tsx"
import { Why } from "../Unread.tsx"

interface AuditAnswer {
  readonly entries: ReadonlyArray<EventLine>
}

const actTypes = [...typesOf("process", "refusal", "alert"), "HostProcessEndRequested", "HostProcessEnded"]
export const auditAsked = question<AuditAnswer>("v1/audit", { limit: 12 }, 1_000, actTypes)

export const LastActions = ({ desk }: { readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, auditAsked)
  return (
    <section class="panel actions" aria-labelledby="actions-title">
      <div class="panel-head">
        <h2 id="actions-title" class="panel-title">
          <a href={hashOf(placeAt("log"))}>Last actions</a>
        </h2>
      </div>
      {answer?._tag !== "Answered" ? (
        <Why outcome={answer} />
      ) : answer.value.entries.length === 0 ? (
        <p class="hint">Nobody has done anything yet.</p>
      ) : (
        <ol class="actions-list">
          {answer.value.entries.map((entry) => (
            <Action key={entry.position} entry={entry} desk={desk} />
          ))}
        </ol>
      )}
    </section>
  )
}

const Action = ({ entry, desk }: { readonly entry: EventLine; readonly desk: Desk }) => (
  <li>
    <MomentLink at={String(entry.position)} choose={desk.choose} label={`Moment of event ${entry.position}`}>
      <Time at={entry.at} near={desk.page.picture?.state.at ?? null} />
    </MomentLink>
    <span>
      <b>{wordsOfType(entry.type)}</b> {summaryOf(entry)} <span class="faint">{entry.actor}</span>
    </span>
  </li>
)

/** "ProcessBootRequested" reads as three words. */
const wordsOfType = (type: string): string => {
  const words = type.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
