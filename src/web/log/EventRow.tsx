// One event in a line; opened, the whole of it as it was written.

import type { Desk } from "../Desk.ts"
import { families, summaryOf, type EventLine } from "../EventLine.ts"
import { count } from "../format.ts"
import { MomentLink } from "../MomentLink.tsx"
import { hashOf } from "../Place.ts"
import { Time } from "../Time.tsx"

interface Props {
  readonly event: EventLine
  readonly desk: Desk
  readonly isOpen: boolean
  /** How many events before the next one shown were passed over. */
  readonly passed: number
}

const familyByType = new Map(
  Object.entries(families).flatMap(([family, types]) => types.split(",").map((type) => [type, family] as const)),
)

export const EventRow = ({ event, desk, isOpen, passed }: Props) => {
  const { place, picture } = desk.page
  const path = isOpen ? [] : [String(event.position)]
  return (
    <>
      {passed > 0 && <li class="log-gap">{count(passed)} more came than can be shown; they are in the log</li>}
      <li class={`log-row family-${familyByType.get(event.type) ?? "other"}`}>
        <a class="log-line" href={hashOf({ ...place, path })} aria-expanded={isOpen}>
          <span class="log-position">{event.position}</span>
          <span class="log-time">
            <Time at={event.at} near={picture?.state.at ?? null} isFine />
          </span>
          <span class="log-type">{event.type}</span>
          <span class="log-words">{summaryOf(event)}</span>
          <span class="log-actor">{event.actor}</span>
        </a>
        {isOpen && (
          <div class="log-whole">
            <p class="toolbar">
              <MomentLink at={String(event.position)} choose={desk.choose} label={`Moment of event ${event.position}`}>
                Go to this moment
              </MomentLink>
              <a href={`v1/events?from=${event.position}&to=${event.position}`}>Raw line</a>
              {typeof event.data["process"] === "string" && (
                <a href={hashOf({ view: "log", path: [], query: { process: event.data["process"] } })}>
                  Only this process
                </a>
              )}
            </p>
            <pre>{JSON.stringify(event, null, 2)}</pre>
          </div>
        )}
      </li>
    </>
  )
}
