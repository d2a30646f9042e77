// What the agent tells unasked: how it stands, whenever its log has grown. While it tells, nobody has to ask.

import type { StateAnswer } from "../wire/state.ts"
import type { Agent } from "./answers.ts"
import { question } from "./Question.ts"

export interface Telling {
  /** The newest word; null while the agent tells nothing. */
  readonly latest: () => StateAnswer | null
  /** Asks to be told, unless it is told already or has asked just now. */
  readonly listen: () => void
  readonly leave: () => void
}

const followAsked = question<string>("v1/state", { follow: "true" })

/** The agent says at least every fifteen seconds that it is still there. */
const patienceMillis = 40_000
/** Who does not tell is asked; and whether he would, not more often than this. */
const retryMillis = 5_000

export const telling = (agent: Pick<Agent, "follow">, nowMillis: () => number, heard: () => void): Telling => {
  let state: StateAnswer | null = null
  let heardMillis = Number.NEGATIVE_INFINITY
  let askedMillis = Number.NEGATIVE_INFINITY
  let connection: AbortController | null = null

  const leave = () => {
    connection?.abort()
    connection = null
    state = null
  }
  const latest = () => {
    if (nowMillis() - heardMillis > patienceMillis) leave()
    return state
  }
  const listen = () => {
    if (connection !== null || nowMillis() - askedMillis < retryMillis) return
    const own = new AbortController()
    connection = own
    askedMillis = heardMillis = nowMillis()
    const take = statesIn((next) => {
      state = next
      heard()
    })
    const hear = (text: string) => {
      if (connection !== own) return
      heardMillis = nowMillis()
      take(text)
    }
    void agent.follow(followAsked, hear, own.signal).then(() => {
      if (connection !== own) return
      const wasTold = state !== null
      leave()
      if (wasTold) heard()
    })
  }
  return { latest, listen, leave }
}

const field = "data: "

/** Takes server-sent events in whatever pieces they come. */
const statesIn = (found: (state: StateAnswer) => void) => {
  let rest = ""
  return (text: string): void => {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      const state = line.startsWith(field) ? stateIn(line.slice(field.length)) : null
      if (state !== null) found(state)
    }
  }
}

const stateIn = (json: string): StateAnswer | null => {
  try {
    return JSON.parse(json) as StateAnswer
  } catch {
    return null
  }
}
