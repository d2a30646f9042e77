// Keeps the page's knowledge fresh: one round of questions at a time, one a second, more only while the reader moves in time.

import type { StateAnswer } from "../wire/state.ts"
import { marksPage, type Agent } from "./answers.ts"
import { isBehind, type Action, type PageState, type Picture } from "./PageState.ts"

export interface Ports {
  readonly agent: Agent
  readonly page: () => PageState
  readonly dispatch: (action: Action) => void
  readonly nowMillis: () => number
  /** Calls back after so long, and returns how to call it off. */
  readonly later: (millis: number, run: () => void) => () => void
  readonly isVisible: () => boolean
}

export interface Feed {
  /** Something changed that may call for a round sooner: another moment, or the tab is seen again. */
  readonly wake: () => void
  readonly stop: () => void
}

const everyMillis = 1_000
/** Between two rounds while the reader drags through the past. */
const scrubMillis = 120
const marksEveryMillis = 5_000
const maxPauseMillis = 10_000

/** How long after the beginning of a round the next one may begin. */
export const pauseMillis = (page: PageState): number => {
  if (page.link._tag === "Disconnected") return Math.min(maxPauseMillis, everyMillis * 2 ** (page.link.attempts - 1))
  return page.link._tag === "Connected" && isBehind(page) ? scrubMillis : everyMillis
}

export const start = (ports: Ports): Feed => {
  let began = Number.NEGATIVE_INFINITY
  let asking = false
  let stopped = false
  let callOff = (): void => undefined
  const marks = marksReader(ports)

  const round = async () => {
    asking = true
    began = ports.nowMillis()
    try {
      await ask(ports)
      await marks()
    } finally {
      asking = false
      wake()
    }
  }
  const wake = () => {
    callOff()
    if (asking || stopped || !ports.isVisible()) return
    const wait = Math.max(0, began + pauseMillis(ports.page()) - ports.nowMillis())
    callOff = ports.later(wait, () => void round())
  }
  const stop = () => {
    stopped = true
    callOff()
  }
  wake()
  return { wake, stop }
}

/** First where the log stands; the views are asked for only if the moment that they show has changed. */
const ask = async (ports: Ports): Promise<void> => {
  const page = ports.page()
  const at = page.wanted
  if (page.refusal !== null) return seeLog(ports)
  const state = await ports.agent.ask("v1/state", at)
  if (state._tag === "Unreachable") return unreachable(ports, state.reason)
  if (state._tag === "Refused") {
    ports.dispatch({ _tag: "MomentRefused", at, detail: state.detail, nowMillis: ports.nowMillis() })
    return at === null ? undefined : seeLog(ports)
  }
  if (isShown(page.picture, at, state.value)) {
    return ports.dispatch({ _tag: "LogSeen", log: state.value, nowMillis: ports.nowMillis() })
  }
  const picture = await pictureOf(ports.agent, at, state.value)
  const lost = [picture.verdict, picture.processes, picture.metrics].filter((answer) => answer._tag === "Unreachable")
  if (lost.length === 3) return unreachable(ports, lost[0]?.reason ?? "")
  ports.dispatch({ _tag: "PictureArrived", picture, nowMillis: ports.nowMillis() })
}

/** A moment that is refused stays so until another is chosen; the time bar still needs to know its ends. */
const seeLog = async (ports: Ports): Promise<void> => {
  const log = await ports.agent.ask("v1/state", null)
  if (log._tag === "Unreachable") return unreachable(ports, log.reason)
  if (log._tag === "Answered") ports.dispatch({ _tag: "LogSeen", log: log.value, nowMillis: ports.nowMillis() })
}

const unreachable = (ports: Ports, reason: string): void => ports.dispatch({ _tag: "AgentUnreachable", reason })

/** The same position of the same log is the same picture, byte for byte: nothing needs to be asked again. */
const isShown = (picture: Picture | null, at: string | null, state: StateAnswer): boolean =>
  picture !== null &&
  picture.at === at &&
  picture.state.log_id === state.log_id &&
  picture.state.position === state.position &&
  [picture.verdict, picture.processes, picture.metrics].every((answer) => answer._tag !== "Unreachable")

const pictureOf = async (agent: Agent, at: string | null, state: StateAnswer): Promise<Picture> => {
  const [verdict, processes, metrics] = await Promise.all([
    agent.ask("v1/ccl/verdict", at),
    agent.ask("v1/processes", at),
    agent.ask("metrics", at),
  ])
  return { at, state, verdict, processes, metrics }
}

/** Reads the marks of what the log has gained, a page a round until it has caught up, and then now and then. */
const marksReader = (ports: Ports) => {
  let readMillis = Number.NEGATIVE_INFINITY
  let isBacklog = true
  return async (): Promise<void> => {
    const { log, marksThrough, link } = ports.page()
    if (log === null || link._tag !== "Connected" || marksThrough >= log.head.position) return
    if (!isBacklog && ports.nowMillis() - readMillis < marksEveryMillis) return
    readMillis = ports.nowMillis()
    const answer = await ports.agent.marksFrom(marksThrough + 1)
    if (answer._tag !== "Answered") return
    isBacklog = answer.value.length >= marksPage
    const through = isBacklog ? (answer.value.at(-1)?.position ?? marksThrough) : log.head.position
    ports.dispatch({ _tag: "MarksArrived", logId: log.log_id, marks: answer.value, through })
  }
}
