// What the page asks of the agent, and the ways in which an answer can turn out.

import type { MetricsAnswer } from "../wire/agent.ts"
import type { ProcessesAnswer, StateAnswer } from "../wire/state.ts"
import type { VerdictAnswer } from "../wire/verdict.ts"
import { parseMarks, type Mark } from "./marks.ts"

export interface Answers {
  "v1/state": StateAnswer
  "v1/processes": ProcessesAnswer
  "v1/ccl/verdict": VerdictAnswer
  metrics: MetricsAnswer
}

/** An agent that answers with a refusal is there; one that does not answer, or fails, is not. */
export type Outcome<A> =
  | { readonly _tag: "Answered"; readonly value: A }
  | { readonly _tag: "Refused"; readonly detail: string }
  | { readonly _tag: "Unreachable"; readonly reason: string }

export interface Agent {
  readonly ask: <P extends keyof Answers>(path: P, at: string | null) => Promise<Outcome<Answers[P]>>
  /** The next marks of the log from a position on, at most a page of them. */
  readonly marksFrom: (from: number) => Promise<Outcome<ReadonlyArray<Mark>>>
}

/** What makes a mark on the time bar. */
const markTypes = "AgentStarted,ProcessBooted,ProcessBootFailed,ProcessSignalled,ProcessExited"
export const marksPage = 500
const patienceMillis = 10_000

/** The agent that served the page: paths are relative, so that a prefix before it is kept. */
export const agentAt = (base: string, get: typeof fetch): Agent => ({
  ask: <P extends keyof Answers>(path: P, at: string | null) =>
    read(get, withMoment(new URL(path, base), at), async (response) => (await response.json()) as Answers[P]),
  marksFrom: (from) => {
    const url = new URL("v1/events", base)
    url.search = new URLSearchParams({ from: String(from), types: markTypes, limit: String(marksPage) }).toString()
    return read(get, url, async (response) => parseMarks(await response.text()))
  },
})

const withMoment = (url: URL, at: string | null): URL => {
  if (at !== null) url.searchParams.set("at", at)
  return url
}

const read = async <A>(
  get: typeof fetch,
  url: URL,
  decode: (response: Response) => Promise<A>,
): Promise<Outcome<A>> => {
  try {
    const response = await get(url, {
      headers: { accept: "application/json, application/x-ndjson" },
      signal: AbortSignal.timeout(patienceMillis),
    })
    if (response.ok) return { _tag: "Answered", value: await decode(response) }
    const detail = await problemOf(response)
    return response.status >= 500 ? { _tag: "Unreachable", reason: detail } : { _tag: "Refused", detail }
  } catch (error) {
    return { _tag: "Unreachable", reason: reasonOf(error) }
  }
}

/** Both error shapes that the page meets: problem details under /v1, the seed's `{"error"}` at /metrics. */
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

const reasonOf = (error: unknown): string => {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${patienceMillis / 1000} s`
  if (error instanceof SyntaxError) return "its answer was cut short or is not JSON"
  return "the connection failed"
}
