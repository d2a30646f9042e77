// Where an editor shows a job: threads are its calls, frames the calls that led to one, sources the files of the routines' classes.

import type { FlowDefinition, RoutineClass } from "../../domain/events/FlowEvents.ts"
import type { Ancestor, Job } from "../../domain/flows/Job.ts"
import { callAt, framesOf, localOf, placeOf } from "../../domain/flows/variables.ts"
import type { Handles } from "./Handles.ts"

/** What breakpoints are set in: a job, or a flow that is about to be run. */
export interface Target {
  readonly definition: FlowDefinition
  readonly classes: ReadonlyMap<string, RoutineClass>
}

/** Where nothing runs and nothing waits; calls are counted from 1. */
const idle = 0

/** The running calls, and the one that a paused job stands at. */
export const threadsOf = (job: Job) => {
  const place = placeOf(job)
  const calls = new Map<number, string>()
  if (place !== null) calls.set(place.call, `${place.routine}.${place.slot}`)
  for (const { number, routine, slot } of job.running.values()) calls.set(number, `${routine}.${slot}`)
  if (calls.size === 0) return [{ id: idle, name: `${job.flow} (${job.id})` }]
  return Array.from(calls, ([id, name]) => ({ id, name: `${name} #${id}` }))
}

export const threadOf = (job: Job): number => placeOf(job)?.call ?? idle

/** A frame's id is its thread's number and its depth, so that scopes find it again. */
const maxDepth = 100
const frameId = (thread: number, depth: number): number => thread * maxDepth + depth

export const stackOf = (job: Job, thread: number) => {
  const target: Target = job
  const frame = (depth: number, { routine, slot }: Omit<Ancestor, "call">, event: string | null) => ({
    id: frameId(thread, depth),
    name: event === null ? `${routine}.${slot}` : `${routine} emits ${event}`,
    ...placeOfSlot(target, routine, slot),
  })
  if (thread === threadOf(job)) return framesOf(job).map((one, depth) => frame(depth, one, one.event))
  const call = job.running.get(thread)
  return call === undefined ? [] : [call, ...call.trail].map((one, depth) => frame(depth, one, null))
}

const placeOfSlot = ({ definition, classes }: Target, routine: string, slot: string) => {
  const use = definition.routines[routine]
  const described = use === undefined ? undefined : classes.get(use.className)
  const line = Object.hasOwn(described?.slots ?? {}, slot) ? (described?.slots[slot]?.line ?? 0) : 0
  const file = described?.file
  const source = file === undefined ? {} : { source: { name: file.slice(file.lastIndexOf("/") + 1), path: file } }
  return { ...source, line, column: line === 0 ? 0 : 1 }
}

/** The innermost frame has what its call was given; what the job shares is the same for all. */
export const scopesOf = (job: Job, frame: number, handles: Handles) => {
  const thread = Math.floor(frame / maxDepth)
  const local = thread === threadOf(job) ? localOf(job) : (callAt(job, thread)?.input ?? {})
  const shared = { name: "Shared", variablesReference: handles.scope("shared", job.shared), expensive: false }
  if (frame % maxDepth !== 0) return [shared]
  const reference = handles.scope("local", local)
  return [{ name: "Local", presentationHint: "arguments", variablesReference: reference, expensive: false }, shared]
}

export interface Found {
  readonly routine: string
  readonly slot: string
  readonly line: number
}

/** The slots whose handler is the last to begin at or above the line; one for each routine of that class. */
export const slotsAt = ({ definition, classes }: Target, path: string, line: number): ReadonlyArray<Found> => {
  const all = Object.entries(definition.routines).flatMap(([routine, { className }]) => {
    const described = classes.get(className)
    if (described?.file !== path) return []
    return Object.entries(described.slots).flatMap(([slot, { line: begins }]) =>
      begins === null || begins > line ? [] : [{ routine, slot, line: begins }],
    )
  })
  const nearest = Math.max(0, ...all.map((one) => one.line))
  return all.filter((one) => one.line === nearest)
}
