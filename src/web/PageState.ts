// What the page knows, and how each answer of the agent and each wish of the reader changes it. Pure.

import type { StateAnswer } from "../wire/state.ts"
import type { VerdictAnswer } from "../wire/verdict.ts"
import type { Outcome } from "./answers.ts"
import type { Density } from "./density.ts"
import type { Extent } from "./extent.ts"
import { joinMarks, markAt, type Mark } from "./marks.ts"
import { overview, type Place } from "./Place.ts"
import type { Question } from "./Question.ts"
import { processesAsked, verdictAsked } from "./questions.ts"
import { announcementOf, identityOf } from "./verdictWords.ts"

/** Everything that is shown, of one moment: the answer to each question that a view has asked. */
export interface Picture {
  /** The moment as it was asked for; null is live. */
  readonly at: string | null
  readonly state: StateAnswer
  readonly answers: ReadonlyMap<string, Outcome<unknown>>
}

export type Link =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Connected" }
  | { readonly _tag: "Disconnected"; readonly sinceMillis: number; readonly attempts: number; readonly reason: string }
  /** The agent is there and does not let this reader look. */
  | { readonly _tag: "NotAllowed"; readonly reason: string }

export interface PageState {
  /** The moment that the reader wants to see; null is live. */
  readonly wanted: string | null
  readonly place: Place
  /** The last picture, kept while the next is on its way and while the agent is away. */
  readonly picture: Picture | null
  /** The newest word on the log as a whole: its ends, its source, its size. */
  readonly log: StateAnswer | null
  /** The present's verdict, also while the past is shown: trouble does not vanish from the time bar by looking away. */
  readonly presentVerdict: VerdictAnswer | null
  readonly marks: ReadonlyArray<Mark>
  /** Marks are known up to here. */
  readonly marksThrough: number
  readonly density: Density | null
  readonly link: Link
  /** Why the wanted moment cannot be shown. */
  readonly refusal: string | null
  readonly announcement: { readonly identity: string; readonly text: string }
  readonly openedMillis: number
  readonly answeredMillis: number | null
}

export type Action =
  | { readonly _tag: "MomentChosen"; readonly at: string | null }
  | { readonly _tag: "PlaceChosen"; readonly place: Place }
  | { readonly _tag: "PictureArrived"; readonly picture: Picture; readonly nowMillis: number }
  | { readonly _tag: "LogSeen"; readonly log: StateAnswer; readonly nowMillis: number }
  | { readonly _tag: "PresentJudged"; readonly verdict: VerdictAnswer }
  | { readonly _tag: "MomentRefused"; readonly at: string | null; readonly detail: string; readonly nowMillis: number }
  | { readonly _tag: "DensityArrived"; readonly logId: string; readonly density: Density }
  | {
      readonly _tag: "MarksArrived"
      readonly logId: string
      readonly marks: ReadonlyArray<Mark>
      readonly through: number
    }
  | { readonly _tag: "AgentUnreachable"; readonly reason: string }
  | { readonly _tag: "AgentRefused"; readonly reason: string }

export const initial = (wanted: string | null, nowMillis: number, place: Place = overview): PageState => ({
  wanted,
  place,
  picture: null,
  log: null,
  presentVerdict: null,
  marks: [],
  marksThrough: 0,
  density: null,
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
    case "PlaceChosen":
      return { ...page, place: action.place }
    case "PictureArrived":
      return pictureArrived(heard(page, action.picture.state, action.nowMillis), action.picture)
    case "LogSeen":
      return heard(page, action.log, action.nowMillis)
    case "PresentJudged":
      return { ...page, presentVerdict: action.verdict }
    case "MomentRefused":
      return {
        ...page,
        link: { _tag: "Connected" },
        answeredMillis: action.nowMillis,
        refusal: action.at === page.wanted ? action.detail : page.refusal,
      }
    case "DensityArrived":
      return action.logId === page.log?.log_id ? { ...page, density: action.density } : page
    case "MarksArrived":
      return action.logId === page.log?.log_id
        ? { ...page, marks: joinMarks(page.marks, action.marks), marksThrough: action.through }
        : page
    case "AgentUnreachable":
      return { ...page, link: lost(page, action.reason) }
    case "AgentRefused":
      return { ...page, link: { _tag: "NotAllowed", reason: action.reason } }
  }
}

const heard = (page: PageState, log: StateAnswer, nowMillis: number): PageState => {
  // An answer about the past may be an old one: its word on the log's end is not the newest.
  const isOlder = page.log !== null && page.log.log_id === log.log_id && page.log.head.position > log.head.position
  const next: PageState = {
    ...page,
    log: isOlder ? page.log : log,
    link: { _tag: "Connected" },
    answeredMillis: nowMillis,
  }
  // Another log at the same address (an agent started on other data): what was known of the old one means nothing in it.
  return page.log === null || page.log.log_id === log.log_id
    ? next
    : { ...next, marks: [], marksThrough: 0, density: null, presentVerdict: null }
}

/** A late picture is welcome on the way from one past moment to the next, and never across the border of the present. */
const pictureArrived = (page: PageState, picture: Picture): PageState => {
  if ((picture.at === null) !== (page.wanted === null)) return page
  const whole = { ...picture, answers: joinedAnswers(page.picture, picture) }
  const verdict = answerTo(whole, verdictAsked)
  return {
    ...page,
    picture: whole,
    presentVerdict: picture.at === null && verdict?._tag === "Answered" ? verdict.value : page.presentVerdict,
    refusal: picture.at === page.wanted ? null : page.refusal,
    announcement: announced(page, whole),
  }
}

/** More answers than any view asks for; beyond it only the newest round's are kept. */
const mostAnswers = 64

/** What was answered before stays until it is answered anew: about the same moment always, about the present as well. */
const joinedAnswers = (before: Picture | null, picture: Picture): ReadonlyMap<string, Outcome<unknown>> => {
  const isSame = before !== null && before.at === picture.at && before.state.log_id === picture.state.log_id
  return isSame && before.answers.size < mostAnswers
    ? new Map([...before.answers, ...picture.answers])
    : picture.answers
}

/** Undefined until it has been answered. */
export const answerTo = <A>(picture: Picture | null, { url }: Question<A>): Outcome<A> | undefined =>
  picture?.answers.get(url) as Outcome<A> | undefined

const announced = (page: PageState, picture: Picture): PageState["announcement"] => {
  const answer = answerTo(picture, verdictAsked)
  if (answer?._tag !== "Answered") return page.announcement
  const when = picture.at === null ? "" : "At a past moment. "
  const identity = `${when}${identityOf(answer.value)}`
  return identity === page.announcement.identity
    ? page.announcement
    : { identity, text: `${when}${announcementOf(answer.value)}` }
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

/** Nothing can be done to the world in a recording, nor in the past. */
export const mayAct = (page: PageState): boolean =>
  page.wanted === null && page.link._tag === "Connected" && page.log?.read_only === false

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
  (id: string): string | null => {
    const answer = answerTo(page.picture, processesAsked)
    return answer?._tag === "Answered"
      ? (answer.value.processes.find((process) => process.id === id)?.name ?? null)
      : null
  }
