// A recorded session of twenty minutes in which a rank falls silent, and an empty log, as the stub answers them.

import type { TimelineAnswer } from "../../src/wire/timeline.ts"
import { firstAt, headAt, healthy, metrics, process, state, verdict } from "./given.ts"
import type { Answering } from "./stub.ts"

const hangAt = "2026-01-31T03:12:45.000000Z"
const hangPosition = 640
export const hostile = '<img src=x onerror="alert(1)">'

const ranks = [
  process(),
  process({ id: "b", name: "rank1", pid: 4712, cpu_percent: 98.1 }),
  process({ id: "c", name: "rank2", pid: 4713, cpu_percent: 0, kernel_state: "T" }),
  process({
    id: "d",
    name: hostile,
    status: "exited",
    pid: 4600,
    argv: ["</script>"],
    ended_at: "2026-01-31T03:08:00.000000Z",
    exit_code: null,
    exit_signal: 9,
    cpu_percent: null,
    resident_bytes: null,
    threads: null,
    kernel_state: null,
  }),
]

const event = (position: number, at: string, type: string, data: unknown) =>
  JSON.stringify({ position, at, type, data })
const events = [
  event(2, "2026-01-31T03:01:00.250000Z", "ProcessBooted", { process: "0b5f9a3e-rank0" }),
  event(300, "2026-01-31T03:08:00.000000Z", "ProcessExited", { process: "d", code: null, signal: 9 }),
].join("\n")

/** A session of twenty minutes in which a rank falls silent at 03:12:45. */
export const recorded: Answering = (path, at, query) => {
  if (at === "yesterday") return { status: 400, body: { detail: 'at is "yesterday"; it takes a position (4711)' } }
  const isLate = at === null || Number(at) >= hangPosition || at >= hangAt
  const position = at === null ? 1000 : Number.isNaN(Number(at)) ? 500 : Number(at)
  const shownAt = at === null ? headAt : Number.isNaN(Number(at)) ? at : position === 300 ? ended : hangAt
  switch (path) {
    case "/v1/state":
      return { body: state({ position, at: shownAt }) }
    case "/v1/ccl/verdict":
      return { body: isLate ? verdict() : healthy() }
    case "/v1/processes":
      return { body: { position, processes: ranks } }
    case "/metrics":
      return { body: metrics }
    case "/v1/events":
      return { body: events }
    case "/v1/audit":
      return { body: { entries: [] } }
    case "/v1/alerts":
      return { body: { position, active: [], ended: [] } }
    case "/v1/timeline":
      return { body: timeline(query) }
    default:
      return undefined
  }
}

/** As many events in every step. */
const timeline = (query: URLSearchParams): TimelineAnswer => {
  const from = query.get("from") ?? firstAt
  const step = Number(query.get("step"))
  const steps = Math.floor((Date.parse(query.get("to") ?? headAt) - Date.parse(from)) / 1000 / step)
  return { position: 1000, from, step_seconds: step, positions: Array.from({ length: steps + 1 }, (_, at) => at * 9) }
}

const ended = "2026-01-31T03:08:00.000000Z"

export const empty: Answering = (path, at, query) => {
  switch (path) {
    case "/v1/state":
      return { body: state({ position: 1, at: firstAt, head: { position: 1, at: firstAt } }) }
    case "/v1/ccl/verdict": {
      const nothing = {
        ...healthy().all[0],
        verdict: "cannot_tell",
        sentence: "no collective operation has been reported yet",
        communicator: null,
        confidence: 0,
      }
      return { body: { ...nothing, position: 1, all: [nothing] } }
    }
    case "/v1/processes":
      return { body: { position: 1, processes: [] } }
    case "/metrics":
      return { status: 404, body: { error: "No sample has been taken yet." } }
    case "/v1/events":
      return { body: "" }
    default:
      return recorded(path, at, query)
  }
}
