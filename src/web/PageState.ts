// What the page knows, and how each answer of the agent and each wish of the reader changes it. Pure.

import type { MetricsAnswer } from "../wire/agent.ts"
import type { ProcessesAnswer, StateAnswer } from "../wire/state.ts"
import type { VerdictAnswer } from "../wire/verdict.ts"
import type { Outcome } from "./answers.ts"
import type { Extent } from "./extent.ts"
import { joinMarks, markAt, type Mark } from "./marks.ts"
import { announcementOf, identityOf } from "./verdictWords.ts"

/** Everything that the views show, of one moment. */
export interface Picture {
  /** The moment as it was asked for; null is live. */
  readonly at: string | null
  readonly state: StateAnswer
  readonly verdict: Outcome<VerdictAnswer>
  readonly processes: Outcome<ProcessesAnswer>
  readonly metrics: Outcome<MetricsAnswer>
}

export type Link =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Connected" }
  | { readonly _tag: "Disconnected"; readonly sinceMillis: number; readonly attempts: number; readonly reason: string }

export interface PageState {
  /** The moment that the reader wants to see; null is live. */
  readonly wanted: string | null
  /** The last picture, kept while the next is on its way and while the agent is away. */
  readonly picture: Picture | null
  /** The newest word on the log as a whole: its ends, its source, its size. */
  readonly log: StateAnswer | null
  readonly marks: ReadonlyArray<Mark>
  /** Marks are known up to here. */
  readonly marksThrough: number
  readonly link: Link
  /** Why the wanted moment cannot be shown. */
  readonly refusal: string | null
  readonly announcement: { readonly identity: string; readonly text: string }
  readonly openedMillis: number
  readonly answeredMillis: number | null
}

export type Action =
  | { readonly _tag: "MomentChosen"; readonly at: string | null }
  | { readonly _tag: "PictureArrived"; readonly picture: Picture; readonly nowMillis: number }
  | { readonly _tag: "LogSeen"; readonly log: StateAnswer; readonly nowMillis: number }
  | { readonly _tag: "MomentRefused"; readonly at: string | null; readonly detail: string; readonly nowMillis: number }
  | {
      readonly _tag: "MarksArrived"
      readonly logId: string
      readonly marks: ReadonlyArray<Mark>
      readonly through: number
    }
  | { readonly _tag: "AgentUnreachable"; readonly reason: string }

export const initial = (wanted: string | null, nowMillis: number): PageState => ({
  wanted,
  picture: null,
  log: null,
  marks: [],
  marksThrough: 0,
  link: { _tag: "Connecting" },
  refusal: null,
  announcement: { identity: "", text: "" },
  openedMillis: nowMillis,
  answeredMillis: null,
})

export const reduce = (page: PageState, action: Action): PageState => {
  switch (action._tag) {
    case "MomentChosen":
      return action.at === page.wanted && page.refusal === null ? page : { ...page, wanted: action.at, refusal: null }
    case "PictureArrived":
      return pictureArrived(heard(page, action.picture.state, action.nowMillis), action.picture)
    case "LogSeen":
      return heard(page, action.log, action.nowMillis)
    case "MomentRefused":
      return {
        ...page,
        link: { _tag: "Connected" },
        answeredMillis: action.nowMillis,
        refusal: action.at === page.wanted ? action.detail : page.refusal,
      }
    case "MarksArrived":
      return action.logId === page.log?.log_id
        ? { ...page, marks: joinMarks(page.marks, action.marks), marksThrough: action.through }
        : page
    case "AgentUnreachable":
      return { ...page, link: lost(page, action.reason) }
  }
}

const heard = (page: PageState, log: StateAnswer, nowMillis: number): PageState => {
  const next: PageState = { ...page, log, link: { _tag: "Connected" }, answeredMillis: nowMillis }
  // Another log at the same address (an agent started on other data): the marks of the old one mean nothing in it.
  return page.log === null || page.log.log_id === log.log_id ? next : { ...next, marks: [], marksThrough: 0 }
}

/** A late picture is welcome on the way from one past moment to the next, and never across the border of the present. */
const pictureArrived = (page: PageState, picture: Picture): PageState => {
  if ((picture.at === null) !== (page.wanted === null)) return page
  return {
    ...page,
    picture,
    refusal: picture.at === page.wanted ? null : page.refusal,
    announcement: announced(page, picture),
  }
}

const announced = (page: PageState, picture: Picture): PageState["announcement"] => {
  if (picture.verdict._tag !== "Answered") return page.announcement
  const verdict = picture.verdict.value
  const when = picture.at === null ? "" : "At a past moment. "
  const identity = `${when}${identityOf(verdict)}`
  return identity === page.announcement.identity
    ? page.announcement
    : { identity, text: `${when}${announcementOf(verdict)}` }
}

/** Counted from the last answer, not from the first failure: that is how old the picture is. */
const lost = (page: PageState, reason: string): Link =>
  page.link._tag === "Disconnected"
    ? { ...page.link, attempts: page.link.attempts + 1, reason }
    : {
        _tag: "Disconnected",
        sinceMillis: page.answeredMillis ?? page.openedMillis,
        attempts: 1,
        reason,
      }

/** True while the views show another moment than the wanted one. */
export const isBehind = (page: PageState): boolean =>
  page.refusal === null && (page.picture === null || page.picture.at !== page.wanted)

/** Wall time of the moment that the reader wants; null is live, or not known before the agent has answered. */
export const wantedMillis = (page: PageState): number | null => {
  const { wanted, picture, marks } = page
  if (wanted === null) return null
  const said = wanted.includes("T") ? Date.parse(wanted) : Number.NaN
  if (!Number.isNaN(said)) return said
  if (picture !== null && picture.at === wanted && picture.state.at !== null) return Date.parse(picture.state.at)
  return markAt(marks, Number(wanted))?.millis ?? null
}

/** Where the time bar stands: where the reader wants to be or, until that is known, where the views still are. */
export const shownMillis = (page: PageState, extent: Extent): number => {
  if (page.wanted === null) return extent.headMillis
  const shown = page.refusal === null ? (page.picture?.state.at ?? null) : null
  return wantedMillis(page) ?? (shown === null ? extent.headMillis : Date.parse(shown))
}

/** The process's name, where the shown picture knows it. */
export const nameOf =
  (page: PageState) =>
  (id: string): string | null =>
    page.picture?.processes._tag === "Answered"
      ? (page.picture.processes.value.processes.find((process) => process.id === id)?.name ?? null)
      : null
