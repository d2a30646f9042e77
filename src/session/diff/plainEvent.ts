// An event without what differs from run to run: times, pids, places in the log; ids told by what they are the how-manieth of.

import type { Event } from "../../domain/Event.ts"
import { dataOf, laneOf, typeOf } from "../../domain/Event.ts"

export interface PlainEvent {
  /** Whose course it is a step of: order between courses is chance, within one it is not. */
  readonly course: string
  /** What happened. */
  readonly text: string
}

const chance: ReadonlySet<string> = new Set([
  "pid",
  "startTicks",
  "bootId",
  "identity",
  "startTime",
  "endTime",
  "durationMicros",
  "deltaMicros",
  "request",
  "logPath",
  "reporter",
  "seq",
  "attempt",
  "host",
  "hosts",
  "session",
  "treeId",
])

/** Telemetry tells how things stood at chance moments, but for what ranks and jobs did. */
const isStep = (event: Event): boolean => laneOf(event) === "action" || "op" in event || "job" in event

/** Reads one session's events in order. */
export const make = (): ((event: Event) => PlainEvent | null) => {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const nameOf = (id: string, kind: string, said: string | null): string => {
    const known = names.get(`${kind} ${id}`)
    if (known !== undefined) return known
    const base = `${kind} ${said ?? "unknown"}`
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    const name = count === 1 ? base : `${base} (${count})`
    names.set(`${kind} ${id}`, name)
    return name
  }
  const courseOf = (event: Event): string => {
    if ("op" in event) return `rank ${event.rank ?? "unknown"}`
    if ("job" in event) return nameOf(event.job, "job", "flow" in event ? event.flow : null)
    if (!("process" in event) || event.process === null) return "agent"
    return nameOf(event.process, "process", "spec" in event ? event.spec.name : null)
  }
  return (event) => {
    if (!isStep(event)) return null
    const course = courseOf(event)
    const text = JSON.stringify(dataOf(event), (key, value: unknown) => {
      if (chance.has(key)) return undefined
      return key === "process" || key === "job" ? course : value
    })
    return { course, text: `${typeOf(event)} ${text}` }
  }
}
