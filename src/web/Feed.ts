// Keeps the page's knowledge fresh: one round of questions at a time, one a second, more only while the reader moves in time.

import type { StateAnswer } from "../wire/state.ts"
import { marksPage, type Agent, type Outcome } from "./answers.ts"
import { joined, missingOf } from "./density.ts"
import { extentOf } from "./extent.ts"
import { isBehind, type Action, type PageState } from "./PageState.ts"
import type { Question } from "./Question.ts"
import { stateAsked, verdictAsked } from "./questions.ts"

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
  const outline = outlineReader(ports)
  const present = presentReader(ports)

  const round = async () => {
    asking = true
    began = ports.nowMillis()
    try {
      await ask(ports, book)
      await present()
      await outline()
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
    callOff()
  }
  wake()
  return { wake, refresh, stop }
}

/** First where the log stands; a view's questions are asked only if the moment that they are about has changed. */
const ask = async (ports: Ports, book: Book): Promise<void> => {
  const at = ports.page().wanted
  if (ports.page().refusal !== null) return seeLog(ports)
  const state = await ports.agent.ask(stateAsked, at)
  if (state._tag === "Unreachable") return unreachable(ports, state.reason)
  if (state._tag === "Refused") return refused(ports, at, state)
  const due = dueAt(ports, book, at, state.value)
  if (due.length === 0) {
    return at === null ? ports.dispatch({ _tag: "LogSeen", log: state.value, nowMillis: ports.nowMillis() }) : undefined
  }
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
  return ports.questions().filter(({ url, everyMillis: every }) => {
    const known = isSame ? picture.answers.get(url) : undefined
    if (known === undefined || known._tag === "Unreachable") return true
    if (at !== null) return picture?.state.position !== state.position
    const last = book.get(url)
    return last === undefined || (last.position !== state.position && ports.nowMillis() - last.millis >= every - 50)
  })
}

const refused = (ports: Ports, at: string | null, { detail, status }: Refused) => {
  if (status === 401 || status === 403) return ports.dispatch({ _tag: "AgentRefused", reason: detail })
  ports.dispatch({ _tag: "MomentRefused", at, detail, nowMillis: ports.nowMillis() })
  return at === null ? undefined : seeLog(ports)
}

/** A moment that is refused stays so until another is chosen; the time bar still needs to know its ends. */
const seeLog = async (ports: Ports): Promise<void> => {
  const log = await ports.agent.ask(stateAsked, null)
  if (log._tag === "Unreachable") return unreachable(ports, log.reason)
  if (log._tag === "Answered") ports.dispatch({ _tag: "LogSeen", log: log.value, nowMillis: ports.nowMillis() })
}

const unreachable = (ports: Ports, reason: string): void => ports.dispatch({ _tag: "AgentUnreachable", reason })

/** While the past is shown, the present goes on: how far the log reaches, and whether it is in trouble. */
const presentReader = (ports: Ports) => {
  let seenMillis = Number.NEGATIVE_INFINITY
  let judgedMillis = Number.NEGATIVE_INFINITY
  return async (): Promise<void> => {
    const { wanted, link, presentVerdict } = ports.page()
    const now = ports.nowMillis()
    if (wanted === null || link._tag !== "Connected" || now - seenMillis < everyMillis) return
    seenMillis = now
    await seeLog(ports)
    if (presentVerdict !== null && now - judgedMillis < presentEveryMillis) return
    judgedMillis = now
    const verdict = await ports.agent.ask(verdictAsked, null)
    if (verdict._tag === "Answered") ports.dispatch({ _tag: "PresentJudged", verdict: verdict.value })
  }
}

/** Reads the marks of what the log has gained, a page a round until it has caught up, and how full it is by now. */
const outlineReader = (ports: Ports) => {
  let readMillis = Number.NEGATIVE_INFINITY
  let isBacklog = true
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
    if (marksThrough >= log.head.position && density !== null) return
    if (!isBacklog && ports.nowMillis() - readMillis < outlineEveryMillis) return
    readMillis = ports.nowMillis()
    await readDensity(log)
    await readMarks(log, marksThrough + 1)
  }
}
