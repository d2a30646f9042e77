// Reads events backwards from an end, filtered, and forwards as the log grows; never more than a page can show.

import type { Agent } from "../answers.ts"
import { isFamily, families, parseEvents, summaryOf, type EventLine } from "../EventLine.ts"
import { question } from "../Question.ts"

export interface Filter {
  /** Names of families or types, with commas; empty is all. */
  readonly types: string
  readonly process: string
  readonly actor: string
  readonly text: string
}

export const noFilter: Filter = { types: "", process: "", actor: "", text: "" }

export interface Found {
  /** The latest first. */
  readonly rows: ReadonlyArray<EventLine>
  /** Everything from here on has been looked at. */
  readonly from: number
  readonly fault: string | null
}

const typesOf = (types: string): string =>
  types
    .split(",")
    .map((name) => (isFamily(name) ? families[name] : name))
    .join(",")

const fits = (event: EventLine, { actor, text }: Filter): boolean => {
  if (actor !== "" && !event.actor.toLowerCase().includes(actor.toLowerCase())) return false
  if (text === "") return true
  const sought = text.toLowerCase()
  return (
    event.type.toLowerCase().includes(sought) ||
    summaryOf(event).toLowerCase().includes(sought) ||
    JSON.stringify(event.data).toLowerCase().includes(sought)
  )
}

const firstStretch = 400
const longestStretch = 50_000

const readStretch = async (agent: Agent, from: number, to: number, filter: Filter) => {
  const params = { from, to, types: typesOf(filter.types), process: filter.process }
  return agent.read(question<string>("v1/events", params), null)
}

/** Goes back stretch by stretch until enough is found, the log is at its beginning, or `isOver` says stop. */
export const readBack = async (
  agent: Agent,
  filter: Filter,
  end: number,
  wanted: number,
  isOver: () => boolean,
): Promise<Found> => {
  const rows: Array<EventLine> = []
  let from = end + 1
  for (
    let stretch = firstStretch;
    from > 1 && rows.length < wanted && !isOver();
    stretch = Math.min(longestStretch, stretch * 4)
  ) {
    const to = from - 1
    const begin = Math.max(1, to - stretch + 1)
    const answer = await readStretch(agent, begin, to, filter)
    if (answer._tag !== "Answered") {
      return { rows, from, fault: answer._tag === "Refused" ? answer.detail : answer.reason }
    }
    const found = parseEvents(answer.value).filter((event) => fits(event, filter))
    rows.push(...found.toReversed())
    from = begin
  }
  return { rows, from, fault: null }
}

/** More than this in a second nobody reads: the rest stays in the log, and the list says how many. */
const mostAtOnce = 300

/** What came after `last`; when that is too much, the newest of it. */
export const readOn = async (agent: Agent, filter: Filter, last: number, end: number): Promise<Found> => {
  const from = Math.max(last + 1, end - mostAtOnce + 1)
  const answer = await readStretch(agent, from, end, filter)
  if (answer._tag !== "Answered") {
    return { rows: [], from: last + 1, fault: answer._tag === "Refused" ? answer.detail : answer.reason }
  }
  const found = parseEvents(answer.value).filter((event) => fits(event, filter))
  return { rows: found.toReversed(), from, fault: null }
}
