// Hears what other proplets say and hands it to the log, many at a time; what comes faster than the log takes it is counted and let go.

import { Effect, Schedule } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { PropletReported } from "../../domain/events/PropletEvents.ts"

export interface Ears {
  /** Never waits. `topic` is what follows the channel's prefix. */
  readonly hear: (topic: string, payload: Uint8Array) => void
}

const kinds = new Map<string, PropletReported["kind"]>([
  ["control/proplet/alive", "alive"],
  ["control/proplet/create", "created"],
  ["control/proplet/metrics", "metrics"],
  ["control/proplet/task_metrics", "task_metrics"],
  ["metrics/proplet", "task_metrics"],
  ["control/proplet/results", "results"],
])

export const topics = Array.from(kinds.keys())

const mostBytes = 16_384
const mostWaiting = 10_000
const handOverMillis = 250
const nameLength = 200
const caller = { actor: "mqtt" }

export const make = Effect.fn("Ears.make")(function* (own: string) {
  const commands = yield* Commands
  let waiting: Array<PropletReported> = []
  let dropped = 0
  const handOver = Effect.suspend(() => {
    const heard = waiting
    const lost = dropped
    waiting = []
    dropped = 0
    const told =
      lost === 0
        ? Effect.void
        : commands
            .record(
              [{ _tag: "TelemetryDropped", source: "mqtt", count: lost, reason: "more than could be taken" }],
              caller,
            )
            .pipe(
              Effect.catchAll((error) => Effect.logDebug(`${lost} lost messages are not in the log: ${error.reason}`)),
            )
    return Effect.zipRight(told, heard.length === 0 ? Effect.void : commands.observe(heard, caller))
  })
  yield* Effect.forkScoped(Effect.repeat(handOver, Schedule.spaced(handOverMillis)))
  return {
    hear: (topic, payload) => {
      const heard = reported(topic, payload, own)
      if (heard === null) return
      if (waiting.length < mostWaiting) waiting.push(heard)
      else dropped++
    },
  } satisfies Ears
})

/** null for what is none of theirs: our own words come back, and anybody may publish anything. */
const reported = (topic: string, payload: Uint8Array, own: string): PropletReported | null => {
  const kind = kinds.get(topic)
  if (kind === undefined || payload.length > mostBytes) return null
  const text = Buffer.from(payload).toString("utf8")
  const said = objectIn(text)
  if (said === null) return null
  const { proplet_id: proplet, task_id: task, status } = said
  if (typeof proplet !== "string" || proplet === "" || proplet.length > nameLength || proplet === own) return null
  const known = typeof task === "string" && task !== "" && task.length <= nameLength ? task : null
  if (kind === "task_metrics" && known === null) return null
  return {
    _tag: "PropletReported",
    proplet,
    kind: kind === "alive" && status === "offline" ? "offline" : kind,
    task: known,
    payload: text,
  }
}

export const objectIn = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}
