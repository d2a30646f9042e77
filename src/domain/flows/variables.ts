// What a debugger reads and sets: the variables where a job stands still, and the calls that led there.

import type { Checkpoint } from "../events/JobEvents.ts"
import { type Call, classOf, type Data, firstQueued, type Job } from "./Job.ts"

export interface Frame {
  readonly routine: string
  readonly slot: string
  readonly event: string | null
  readonly line: number | null
  readonly variables: ReadonlyArray<string>
}

/** Where a job that is paused stands: at its checkpoint, else before the call that is next, else in one that still runs. */
export const placeOf = (job: Job): Pick<Checkpoint, "kind" | "call" | "routine" | "slot" | "event"> | null => {
  const at = job.pause?.at ?? null
  if (at !== null) return at
  const call = firstQueued(job) ?? job.running.values().next().value ?? null
  return call === null ? null : { kind: "call", call: call.number, routine: call.routine, slot: call.slot, event: null }
}

export const callAt = (job: Job, number: number): Call | null =>
  job.running.get(number) ?? job.queue.find((call, index) => index >= job.head && call.number === number) ?? null

/** The input of the call that it stands at; at an emission, what was emitted, as the first call that it caused will see it. */
export const localOf = (job: Job): Data => {
  const place = placeOf(job)
  if (place === null) return {}
  if (place.kind === "call") return callAt(job, place.call)?.input ?? {}
  return causedBy(job, place.call)[0]?.input ?? {}
}

export const putLocal = (job: Job, name: string, value: unknown): void => {
  const place = placeOf(job)
  if (place === null) return
  const set = (call: Call): Call => ({ ...call, input: { ...call.input, [name]: value } })
  const isMeant =
    place.kind === "call" ? (call: Call) => call.number === place.call : (call: Call) => call.cause === place.call
  job.queue = job.queue.map((call, index) => (index >= job.head && isMeant(call) ? set(call) : call))
}

/** Where a name is known; a new one is local. */
export const scopeOf = (job: Job, name: string): "local" | "shared" => {
  if (Object.hasOwn(localOf(job), name)) return "local"
  return Object.hasOwn(job.shared, name) ? "shared" : "local"
}

/** From the place itself outwards; of the calls that led there only their places are known any more. */
export const framesOf = (job: Job): ReadonlyArray<Frame> => {
  const place = placeOf(job)
  if (place === null) return []
  const { routine, slot, event } = place
  const top: Frame = { routine, slot, event, line: lineOf(job, routine, slot), variables: Object.keys(localOf(job)) }
  const trail = (callAt(job, place.call) ?? causedBy(job, place.call)[0])?.trail ?? []
  const outer = place.kind === "call" || callAt(job, place.call) !== null ? trail : trail.slice(1)
  return [
    top,
    ...outer.map(({ routine, slot }): Frame => ({
      routine,
      slot,
      event: null,
      line: lineOf(job, routine, slot),
      variables: [],
    })),
  ]
}

const lineOf = (job: Job, routine: string, slot: string): number | null => {
  const slots = classOf(job, routine)?.slots ?? {}
  return Object.hasOwn(slots, slot) ? (slots[slot]?.line ?? null) : null
}

const causedBy = (job: Job, cause: number): ReadonlyArray<Call> =>
  job.queue.filter((call, index) => index >= job.head && call.cause === cause)
