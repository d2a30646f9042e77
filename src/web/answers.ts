// What the page asks of the agent, and the ways in which an answer can turn out.

import type { TimelineAnswer } from "../wire/timeline.ts"
import { parseMarks, type Mark } from "./marks.ts"
import { question, type Question } from "./Question.ts"

/** An agent that answers with a refusal is there; one that does not answer, or fails, is not. */
export type Outcome<A> =
  | { readonly _tag: "Answered"; readonly value: A }
  | { readonly _tag: "Refused"; readonly detail: string; readonly status: number }
  | { readonly _tag: "Unreachable"; readonly reason: string }

export interface Agent {
  readonly ask: <A>(question: Question<A>, at: string | null) => Promise<Outcome<A>>
  /** Text as it comes: logs, lines of events. */
  readonly read: (question: Question<string>, at: string | null) => Promise<Outcome<string>>
  /** Text as it is written, until it ends or is called off. */
  readonly follow: (
    question: Question<string>,
    take: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<Outcome<null>>
  /** A command; it is not repeated by itself. */
  readonly act: (method: "POST" | "PUT" | "DELETE", url: string, body?: unknown) => Promise<Outcome<unknown>>
  /** The next marks of the log from a position on, at most a page of them. */
  readonly marksFrom: (from: number) => Promise<Outcome<ReadonlyArray<Mark>>>
  readonly timeline: (fromMillis: number, toMillis: number, stepMillis: number) => Promise<Outcome<TimelineAnswer>>
}

/** What makes a mark on the time bar. */
export const markTypes = [
  "AgentStarted",
  "ProcessBooted",
  "ProcessBootFailed",
  "ProcessSignalled",
  "ProcessExited",
  "BreakpointHit",
  "AlertRaised",
  "VerdictChanged",
]
export const marksPage = 500
const patienceMillis = 10_000

/** A command may wait for a process to end in its own time. */
const commandPatienceMillis = 60_000

/** The agent that served the page: paths are relative, so that a prefix before it is kept. */
export const agentAt = (base: string, get: typeof fetch, token: () => string | null = () => null): Agent => {
  const send = <A>(url: URL, decode: (response: Response) => Promise<A>, init: RequestInit = {}, patience?: number) =>
    read(get, url, decode, withToken(init, token()), patience ?? patienceMillis)
  return {
    ask: <A>(asked: Question<A>, at: string | null) =>
      send(withMoment(new URL(asked.url, base), at), async (response) => (await response.json()) as A),
    read: (asked, at) => send(withMoment(new URL(asked.url, base), at), (response) => response.text()),
    follow: (asked, take, signal) =>
      followed(get, new URL(asked.url, base), take, withToken({ signal, headers: { accept: "text/plain" } }, token())),
    act: (method, url, body) =>
      send(
        new URL(url, base),
        async (response): Promise<unknown> => {
          const text = await response.text()
          return text === "" ? null : (JSON.parse(text) as unknown)
        },
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } },
        commandPatienceMillis,
      ),
    marksFrom: (from) => {
      const { url } = question("v1/events", { from, types: markTypes.join(","), limit: marksPage })
      return send(new URL(url, base), async (response) => parseMarks(await response.text()))
    },
    timeline: (fromMillis, toMillis, stepMillis) => {
      const iso = (millis: number) => new Date(millis).toISOString()
      const { url } = question("v1/timeline", { from: iso(fromMillis), to: iso(toMillis), step: stepMillis / 1000 })
      return send(new URL(url, base), async (response) => (await response.json()) as TimelineAnswer)
    },
  }
}

const withMoment = (url: URL, at: string | null): URL => {
  if (at !== null) url.searchParams.set("at", at)
  return url
}

const withToken = (init: RequestInit, token: string | null): RequestInit => ({
  ...init,
  headers: {
    accept: "application/json, application/x-ndjson",
    ...(init.headers as Record<string, string> | undefined),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  },
})

const read = async <A>(
  get: typeof fetch,
  url: URL,
  decode: (response: Response) => Promise<A>,
  init: RequestInit,
  patience: number,
): Promise<Outcome<A>> => {
  try {
    const response = await get(url, { ...init, signal: AbortSignal.timeout(patience) })
    if (response.ok) return { _tag: "Answered", value: await decode(response) }
    const detail = await problemOf(response)
    return response.status >= 500
      ? { _tag: "Unreachable", reason: detail }
      : { _tag: "Refused", detail, status: response.status }
  } catch (error) {
    return { _tag: "Unreachable", reason: reasonOf(error, patience) }
  }
}

const followed = async (
  get: typeof fetch,
  url: URL,
  take: (text: string) => void,
  init: RequestInit,
): Promise<Outcome<null>> => {
  try {
    const response = await get(url, init)
    if (!response.ok || response.body === null) {
      return { _tag: "Refused", detail: await problemOf(response), status: response.status }
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) take(piece.value)
    return { _tag: "Answered", value: null }
  } catch (error) {
    return { _tag: "Unreachable", reason: reasonOf(error, patienceMillis) }
  }
}

/** All error shapes that the page meets: problem details under /v1, `{"error"}` and `{"detail"}` of the seeds. */
const problemOf = async (response: Response): Promise<string> => {
  const fallback = `it answered ${response.status}`
  try {
    const body: unknown = await response.json()
    if (typeof body !== "object" || body === null) return fallback
    if ("detail" in body && typeof body.detail === "string") return body.detail
    return "error" in body && typeof body.error === "string" ? body.error : fallback
  } catch {
    return fallback
  }
}

const reasonOf = (error: unknown, patience: number): string => {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${patience / 1000} s`
  if (error instanceof SyntaxError) return "its answer was cut short or is not JSON"
  return "the connection failed"
}
