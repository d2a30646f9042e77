// Keeps the page's knowledge fresh: one round of questions at a time, one a second, more only while the reader moves in time.
// While the agent tells how it stands, a round asks nothing but what has changed.

import type { StateAnswer } from "../wire/state.ts"
import { marksPage, markTypes, type Agent, type Outcome } from "./answers.ts"
import { joined, missingOf } from "./density.ts"
import { extentOf } from "./extent.ts"
import { isBehind, type Action, type PageState } from "./PageState.ts"
import { isStale, type Question } from "./Question.ts"
import { stateAsked, verdictAsked } from "./questions.ts"
import { telling, type Telling } from "./Telling.ts"

export interface Ports {
  readonly agent: Agent
  readonly page: () => PageState
  /** What the view that is open wants to know. */
  readonly questions: () => ReadonlyArray<Question<unknown>>
  readonly dispatch: (action: Action) => void
  readonly nowMillis: () => number
  /** Calls back after so long, and returns how to call it off. */
  readonly later: (millis: number, run: () => void) => () => void
  readonly isVisible: () => boolean
}

export interface Feed {
  /** Something changed that may call for a round sooner: another moment, another view, or the tab is seen again. */
  readonly wake: () => void
  /** A command was given: the answers about the present are asked for anew. */
  readonly refresh: () => void
  readonly stop: () => void
}

const everyMillis = 1_000
/** Between two rounds while the reader drags through the past. */
const scrubMillis = 60
const outlineEveryMillis = 5_000
const densityEveryMillis = 15_000
const presentEveryMillis = 5_000
const maxPauseMillis = 10_000

/** How long after the beginning of a round the next one may begin. */
export const pauseMillis = (page: PageState, isWanting: boolean): number => {
  if (page.link._tag === "Disconnected") return Math.min(maxPauseMillis, everyMillis * 2 ** (page.link.attempts - 1))
  return page.link._tag === "Connected" && (isBehind(page) || isWanting) ? scrubMillis : everyMillis
}

type Refused = Extract<Outcome<unknown>, { readonly _tag: "Refused" }>

/** When each question about the present was asked last, and at which position. */
type Book = Map<string, { readonly millis: number; readonly position: number }>

export const start = (ports: Ports): Feed => {
  let began = Number.NEGATIVE_INFINITY
  let asking = false
  let stopped = false
  let callOff = (): void => undefined
  const book: Book = new Map()
  const told = telling(ports.agent, ports.nowMillis, () => {
    began = Number.NEGATIVE_INFINITY
    wake()
  })
  const outline = outlineReader(ports)
  const present = presentReader(ports, told)

  const round = async () => {
    asking = true
    began = ports.nowMillis()
    try {
      await ask(ports, book, told)
      await present()
      await outline()
      if (ports.page().link._tag === "Connected" && ports.isVisible() && !stopped) told.listen()
    } finally {
      asking = false
      wake()
    }
  }
  const isWanting = () => {
    const { picture } = ports.page()
    return picture !== null && ports.questions().some(({ url }) => !picture.answers.has(url))
  }
  const wake = () => {
    callOff()
    if (!ports.isVisible()) told.leave()
    if (asking || stopped || !ports.isVisible()) return
    const wait = Math.max(0, began + pauseMillis(ports.page(), isWanting()) - ports.nowMillis())
    callOff = ports.later(wait, () => void round())
  }
  const refresh = () => {
    book.clear()
    began = Number.NEGATIVE_INFINITY
    wake()
  }
  const stop = () => {
    stopped = true
    told.leave()
    callOff()
  }
  wake()
  return { wake, refresh, stop }
}

/** First where the log stands; a view's questions are asked only if what they are about has changed. */
const ask = async (ports: Ports, book: Book, told: Telling): Promise<void> => {
  const at = ports.page().wanted
  if (ports.page().refusal !== null) return seeLog(ports, told)
  const state = await stateAt(ports, told, at)
  if (state._tag === "Unreachable") return unreachable(ports, state.reason)
  if (state._tag === "Refused") return refused(ports, at, state, told)
  const due = dueAt(ports, book, at, state.value)
  if (due.length === 0 && (at !== null || isKnown(ports, state.value))) return
  const outcomes = await Promise.all(due.map((question) => ports.agent.ask(question, at)))
  const [first] = outcomes
  // One answer that fails is its view's affair; all of them are the agent's.
  const isLost = outcomes.length > 1 && outcomes.every((outcome) => outcome._tag === "Unreachable")
  if (isLost && first?._tag === "Unreachable") return unreachable(ports, first.reason)
  const answers = new Map<string, Outcome<unknown>>()
  due.forEach(({ url }, index) => {
    const outcome = outcomes[index]
    if (outcome !== undefined) answers.set(url, outcome)
    if (at === null) book.set(url, { millis: ports.nowMillis(), position: state.value.position })
  })
  ports.dispatch({ _tag: "PictureArrived", picture: { at, state: state.value, answers }, nowMillis: ports.nowMillis() })
}

/** The same position of the same log is the same answer, byte for byte: nothing needs to be asked again. */
const dueAt = (ports: Ports, book: Book, at: string | null, state: StateAnswer): ReadonlyArray<Question<unknown>> => {
  const { picture } = ports.page()
  const isSame = picture !== null && picture.at === at && picture.state.log_id === state.log_id
  return ports.questions().filter((asked) => {
    const known = isSame ? picture.answers.get(asked.url) : undefined
    if (known === undefined || known._tag === "Unreachable") return true
    if (at !== null) return picture?.state.position !== state.position
    const last = book.get(asked.url)
    if (last === undefined) return true
    return isStale(asked, last.position, state) && ports.nowMillis() - last.millis >= asked.everyMillis - 50
  })
}

const stateAt = (ports: Ports, told: Telling, at: string | null): Promise<Outcome<StateAnswer>> => {
  const latest = at === null ? told.latest() : null
  return latest === null ? ports.agent.ask(stateAsked, at) : Promise.resolve({ _tag: "Answered", value: latest })
}

/** The very word that the page goes by already, and nothing was lost since. */
const isKnown = (ports: Ports, state: StateAnswer): boolean =>
  ports.page().picture?.state === state && ports.page().link._tag === "Connected"

const refused = (ports: Ports, at: string | null, { detail, status }: Refused, told: Telling) => {
  if (status === 401 || status === 403) return ports.dispatch({ _tag: "AgentRefused", reason: detail })
  ports.dispatch({ _tag: "MomentRefused", at, detail, nowMillis: ports.nowMillis() })
  return at === null ? undefined : seeLog(ports, told)
}

/** A moment that is refused stays so until another is chosen; the time bar still needs to know its ends. */
const seeLog = async (ports: Ports, told: Telling): Promise<void> => {
  const log = await stateAt(ports, told, null)
  if (log._tag === "Unreachable") return unreachable(ports, log.reason)
  if (log._tag === "Answered") ports.dispatch({ _tag: "LogSeen", log: log.value, nowMillis: ports.nowMillis() })
}

const unreachable = (ports: Ports, reason: string): void => ports.dispatch({ _tag: "AgentUnreachable", reason })

/** While the past is shown, the present goes on: how far the log reaches, and whether it is in trouble. */
const presentReader = (ports: Ports, told: Telling) => {
  let seenMillis = Number.NEGATIVE_INFINITY
  let judgedMillis = Number.NEGATIVE_INFINITY
  return async (): Promise<void> => {
    const { wanted, link, presentVerdict } = ports.page()
    const now = ports.nowMillis()
    if (wanted === null || link._tag !== "Connected" || now - seenMillis < everyMillis) return
    seenMillis = now
    await seeLog(ports, told)
    if (presentVerdict !== null && now - judgedMillis < presentEveryMillis) return
    judgedMillis = now
    const verdict = await ports.agent.ask(verdictAsked, null)
    if (verdict._tag === "Answered") ports.dispatch({ _tag: "PresentJudged", verdict: verdict.value })
  }
}

/** Reads the marks of what the log has gained, a page a round until it has caught up, and how full it is by now. */
const outlineReader = (ports: Ports) => {
  let readMillis = Number.NEGATIVE_INFINITY
  let countedMillis = Number.NEGATIVE_INFINITY
  let isBacklog = false
  const readMarks = async (log: StateAnswer, from: number): Promise<void> => {
    const answer = await ports.agent.marksFrom(from)
    if (answer._tag !== "Answered") return
    isBacklog = answer.value.length >= marksPage
    const through = isBacklog ? (answer.value.at(-1)?.position ?? from - 1) : log.head.position
    ports.dispatch({ _tag: "MarksArrived", logId: log.log_id, marks: answer.value, through })
  }
  const readDensity = async (log: StateAnswer): Promise<void> => {
    const extent = extentOf(log)
    const known = ports.page().density
    const missing = extent === null ? null : missingOf(known, extent)
    if (missing === null) return
    const answer = await ports.agent.timeline(missing.fromMillis, missing.toMillis, missing.stepMillis)
    if (answer._tag !== "Answered") return
    ports.dispatch({ _tag: "DensityArrived", logId: log.log_id, density: joined(known, missing, answer.value) })
  }
  return async (): Promise<void> => {
    const { log, marksThrough, link, density } = ports.page()
    if (log === null || link._tag !== "Connected") return
    const isMarked = markTypes.some((type) => (log.last[type] ?? 0) > marksThrough)
    const isGrown = density === null || (density.positions.at(-1) ?? 0) < log.head.position
    const now = ports.nowMillis()
    if (isGrown && now - countedMillis >= densityEveryMillis) {
      countedMillis = now
      await readDensity(log)
    }
    if (!isMarked || (!isBacklog && now - readMillis < outlineEveryMillis)) return
    readMillis = now
    await readMarks(log, marksThrough + 1)
  }
}
