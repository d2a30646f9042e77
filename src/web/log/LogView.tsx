// The log itself: what happened, the latest first, filtered; each event whole, with a link to its moment.

import "../styles/log.css"
import { useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import { families } from "../EventLine.ts"
import { count } from "../format.ts"
import { hashOf, withQuery } from "../Place.ts"
import type { View } from "../View.ts"
import { EventRow } from "./EventRow.tsx"
import { type Filter, noFilter } from "./reading.ts"
import { type Events, useEvents } from "./useEvents.ts"

const Body = ({ desk }: { readonly desk: Desk }) => {
  const { place } = desk.page
  const filter: Filter = { ...noFilter, ...place.query }
  const [follow, setFollow] = useState(true)
  const { events, more } = useEvents(desk, filter, follow)
  const change = (part: Partial<Filter>) => desk.go(withQuery(place, { ...filter, ...part }))
  return (
    <section class="panel log" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title" class="panel-title">
          Log
        </h2>
        <span class="panel-count">{said(events)}</span>
      </div>
      <Filters filter={filter} change={change} />
      <div class="toolbar log-acts">
        {desk.page.wanted === null && desk.page.log?.read_only === false && (
          <button type="button" aria-pressed={follow} onClick={() => setFollow(!follow)}>
            {follow ? "Following" : "Follow"}
          </button>
        )}
        <button type="button" disabled={events.rows.length === 0} onClick={() => download(events, desk)}>
          Download what is shown
        </button>
      </div>
      {events.fault !== null && <p class="hint">Not readable: {events.fault}</p>}
      <ol class="log-list">
        {events.rows.map((event) => (
          <EventRow
            key={event.position}
            event={event}
            desk={desk}
            isOpen={place.path[0] === String(event.position)}
            passed={events.gaps.get(event.position) ?? 0}
          />
        ))}
      </ol>
      <End events={events} more={more} isFiltered={Object.values(filter).some((part) => part !== "")} desk={desk} />
    </section>
  )
}

const said = ({ rows, from, through, isReading }: Events): string =>
  isReading && rows.length === 0
    ? ""
    : `${count(rows.length)} of ${count(Math.max(0, through - from + 1))} looked at, back to #${count(Math.max(1, from))}`

const Filters = ({ filter, change }: { filter: Filter; change: (part: Partial<Filter>) => void }) => {
  const chosen = new Set(filter.types === "" ? [] : filter.types.split(","))
  const toggle = (name: string) => {
    if (chosen.has(name)) chosen.delete(name)
    else chosen.add(name)
    change({ types: [...chosen].join(",") })
  }
  const own = [...chosen].filter((name) => !Object.hasOwn(families, name))
  return (
    <div class="toolbar log-filters" role="group" aria-label="Filters">
      <input
        type="search"
        data-filter=""
        aria-label="Text in an event"
        placeholder="Text in an event  ( / )"
        value={filter.text}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      <input
        type="search"
        aria-label="Actor"
        placeholder="Actor"
        size={12}
        value={filter.actor}
        onChange={(event) => change({ actor: event.currentTarget.value })}
      />
      <div class="chips">
        {[...Object.keys(families), ...own].map((name) => (
          <button
            key={name}
            type="button"
            class={`chip family-${name}`}
            aria-pressed={chosen.has(name)}
            onClick={() => toggle(name)}
          >
            {name}
          </button>
        ))}
        {filter.process !== "" && (
          <button type="button" class="chip" aria-pressed="true" onClick={() => change({ process: "" })}>
            process {filter.process.slice(0, 8)}
          </button>
        )}
      </div>
    </div>
  )
}

const End = ({
  events,
  more,
  isFiltered,
  desk,
}: {
  events: Events
  more: () => void
  isFiltered: boolean
  desk: Desk
}) => {
  if (events.isReading) return <p class="loading">Reading …</p>
  const isWhole = events.from <= (desk.page.log?.first.position ?? 1)
  if (events.rows.length === 0 && isWhole)
    return (
      <p class="hint">
        No event {isFiltered ? "fits these filters. " : "is written yet."}
        {isFiltered && <a href={hashOf({ view: "log", path: [], query: {} })}>Show all</a>}
      </p>
    )
  return isWhole ? (
    <p class="hint">The beginning of the log.</p>
  ) : (
    <button type="button" onClick={more}>
      {isFiltered ? "Search further back" : "Older events"}
    </button>
  )
}

/** The lines as they came, the earliest first, as `annalist import` takes them. */
const download = ({ rows }: Events, desk: Desk) => {
  const lines = rows.toReversed().map((event) => JSON.stringify(event))
  const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "application/x-ndjson" }))
  const link = document.createElement("a")
  link.href = url
  link.download = `events-${desk.page.log?.node ?? "annalist"}-${rows.at(-1)?.position ?? 0}-${rows[0]?.position ?? 0}.ndjson`
  link.click()
  URL.revokeObjectURL(url)
}

export const logView: View = { name: "log", title: "Log", questions: () => [], Body }
