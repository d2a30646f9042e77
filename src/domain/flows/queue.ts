// How an emission becomes calls: along the connections, with renamed parameters, into slots that replace or gather.

import type { Connection } from "../events/FlowEvents.ts"
import { type Call, classOf, type Data, type Job, trailLength } from "./Job.ts"

/** Items that one parameter of an "append" slot keeps; the oldest go first. */
const gatheredItems = 1000
/** Taken calls are cut off the queue's front once they are so many, and most of it. */
const cutAfter = 1024

export const putEntry = (job: Job): void => {
  const { routine, slot, input } = job.entry
  put(job, {
    number: job.nextCall++,
    routine,
    slot,
    input: merged(job, routine, slot, input),
    depth: 0,
    cause: null,
    trail: [],
    attempt: 1,
  })
}

/** What an emission's calls know of the call that emitted. */
export type Emitter = Pick<Call, "number" | "routine" | "slot" | "depth" | "trail">

/** One call a connected slot, behind all that wait. Answers how many. */
export const putEmission = (job: Job, by: Emitter, event: string, data: Data): number => {
  let count = 0
  let trail: Call["trail"] | null = null
  for (const connection of job.definition.connections) {
    if (connection.sourceRoutine !== by.routine || connection.sourceEvent !== event) continue
    const { targetRoutine: routine, targetSlot: slot } = connection
    const input = merged(job, routine, slot, mapped(connection, data))
    trail ??= [{ call: by.number, routine: by.routine, slot: by.slot }, ...by.trail.slice(0, trailLength - 1)]
    put(job, { number: job.nextCall++, routine, slot, input, depth: by.depth + 1, cause: by.number, trail, attempt: 1 })
    count++
  }
  return count
}

/** The same call once more, before all others. */
export const putAgain = (job: Job, call: Call): void => {
  const again = { ...call, attempt: call.attempt + 1 }
  if (job.head > 0) job.queue[--job.head] = again
  else job.queue.unshift(again)
}

/** Takes a call out, wherever it waits; it is the first one nearly always. */
export const take = (job: Job, number: number): Call | null => {
  const first = job.queue[job.head]
  if (first?.number === number) {
    job.head++
    if (job.head === job.queue.length) clear(job)
    else if (job.head >= cutAfter && job.head * 2 > job.queue.length) {
      job.queue = job.queue.slice(job.head)
      job.head = 0
    }
    return first
  }
  const index = job.queue.findIndex((call, at) => at >= job.head && call.number === number)
  return index < 0 ? null : (job.queue.splice(index, 1)[0] ?? null)
}

export const clear = (job: Job): void => {
  job.queue = []
  job.head = 0
}

const put = (job: Job, call: Call): void => {
  job.queue.push(call)
}

const mapped = ({ mapping }: Connection, data: Data): Data => {
  if (mapping === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [Object.hasOwn(mapping, name) ? (mapping[name] ?? name) : name, value]),
  )
}

const merged = (job: Job, routine: string, slot: string, data: Data): Data => {
  const slots = classOf(job, routine)?.slots ?? {}
  if (!Object.hasOwn(slots, slot) || slots[slot]?.merge !== "append") return data
  const key = `${routine}.${slot}`
  const before = job.gathered.get(key) ?? {}
  const all: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(data)) {
    const items = Object.hasOwn(before, name) ? (before[name] as ReadonlyArray<unknown>) : []
    all[name] = [...items.slice(Math.max(0, items.length + 1 - gatheredItems)), value]
  }
  job.gathered.set(key, all)
  return all
}
