// How one event changes a job. In place: the job handed in is the job that comes out.

import type { JobEvent } from "../events/JobEvents.ts"
import { type Call, isOver, type Job, keptErrors, type RoutineTally } from "./Job.ts"
import { clear, putAgain, putEmission, take } from "./queue.ts"
import { putLocal } from "./variables.ts"

type EventOf<Tag extends JobEvent["_tag"]> = Extract<JobEvent, { readonly _tag: Tag }>

export const evolveJob = (job: Job, event: JobEvent, at: number): void => {
  switch (event._tag) {
    case "SlotCalled":
      return slotCalled(job, event)
    case "EventEmitted":
      return eventEmitted(job, event)
    case "RoutineFinished":
      return routineFinished(job, event, at)
    case "RoutineFailed":
      return routineFailed(job, event, at)
    case "JobFinished":
      return finished(job, event, at)
    case "JobStarted":
      job.status = "running"
      job.startedAt = at
      job.monitored = event.monitored
      job.durable = event.durable
      return
    case "JobPaused":
    case "JobResumed":
    case "JobStepped":
    case "VariableSet":
      return debugged(job, event)
    case "BreakpointSet":
    case "BreakpointSwitched":
    case "BreakpointRemoved":
    case "BreakpointHit":
    case "BreakpointPassed":
      return breakpoint(job, event)
    case "JobPauseRequested":
      job.pauseAsked = !isOver(job)
      return
    case "JobCancelRequested":
      job.cancelAsked = !isOver(job)
      return
    // Other requests change nothing by themselves: what came of them is an event of its own.
    default:
  }
}

const slotCalled = (job: Job, event: EventOf<"SlotCalled">): void => {
  const call = take(job, event.call) ?? job.running.get(event.call)
  if (call === undefined) return
  job.slotCalls++
  job.held.delete(event.call)
  job.running.set(event.call, call.attempt === event.attempt ? call : { ...call, attempt: event.attempt })
  tallyOf(job, event.routine).state = "running"
}

const eventEmitted = (job: Job, event: EventOf<"EventEmitted">): void => {
  job.emitted++
  const { call, data } = event
  if (event.held) {
    const held = job.held.get(call)
    if (held === undefined) job.held.set(call, [{ event: event.event, data }])
    else held.push({ event: event.event, data })
    return
  }
  const by = job.running.get(call) ?? { number: call, routine: event.routine, slot: "", depth: 0, trail: [] }
  putEmission(job, by, event.event, data)
}

const routineFinished = (job: Job, event: EventOf<"RoutineFinished">, at: number): void => {
  const call = leave(job, event.call)
  if (call === null) return
  const tally = tallyOf(job, event.routine)
  time(tally, event.durationMicros, at)
  tally.state = "completed"
  if (event.shared !== null) Object.assign(job.shared, event.shared)
  release(job, call)
}

const routineFailed = (job: Job, event: EventOf<"RoutineFailed">, at: number): void => {
  const call = leave(job, event.call)
  if (call === null) return
  const tally = tallyOf(job, event.routine)
  time(tally, event.durationMicros, at)
  tally.errors++
  tally.state = event.outcome === "skip" ? "skipped" : "failed"
  if (job.errors.length < keptErrors) job.errors.push({ ...event.error, routine: event.routine, call: event.call })
  if (event.outcome === "retry") {
    job.held.delete(event.call)
    putAgain(job, call)
  } else release(job, call)
}

/** A call that ended: it was running, or, where its beginning was not written, still waiting. */
const leave = (job: Job, number: number): Call | null => {
  const running = job.running.get(number)
  if (running !== undefined) {
    job.running.delete(number)
    return running
  }
  const waiting = take(job, number)
  if (waiting !== null) job.slotCalls++
  return waiting
}

const release = (job: Job, call: Call): void => {
  const held = job.held.get(call.number)
  if (held === undefined) return
  job.held.delete(call.number)
  for (const { event, data } of held) putEmission(job, call, event, data)
}

const tallyOf = (job: Job, routine: string): RoutineTally => {
  const known = job.tallies.get(routine)
  if (known !== undefined) return known
  const fresh: RoutineTally = {
    calls: 0,
    errors: 0,
    timed: 0,
    totalMicros: 0,
    minMicros: 0,
    maxMicros: 0,
    lastAt: null,
    state: "running",
  }
  job.tallies.set(routine, fresh)
  return fresh
}

const time = (tally: RoutineTally, micros: number | null, at: number): void => {
  tally.calls++
  tally.lastAt = at
  if (micros === null) return
  tally.minMicros = tally.timed === 0 ? micros : Math.min(tally.minMicros, micros)
  tally.maxMicros = Math.max(tally.maxMicros, micros)
  tally.timed++
  tally.totalMicros += micros
}

const finished = (job: Job, event: EventOf<"JobFinished">, at: number): void => {
  if (isOver(job)) return
  job.status = event.status
  job.error = event.error
  job.endedAt = at
  job.pause = null
  job.pauseAsked = false
  job.cancelAsked = false
  job.stepping = null
  job.running.clear()
  job.held.clear()
  job.gathered.clear()
  clear(job)
}

const debugged = (job: Job, event: EventOf<"JobPaused" | "JobResumed" | "JobStepped" | "VariableSet">): void => {
  if (isOver(job)) return
  if (event._tag === "VariableSet") {
    if (event.scope === "shared") job.shared[event.name] = event.value
    else putLocal(job, event.name, event.value)
    return
  }
  if (event._tag === "JobPaused") {
    const { reason, breakpoint, at } = event
    job.status = "paused"
    job.pauseAsked = false
    job.pause = { reason, breakpoint, at }
    job.stepping = null
    return
  }
  const at = job.pause?.at ?? null
  job.passed = at === null ? null : { kind: at.kind, call: at.call }
  job.status = "running"
  job.pause = null
  job.stepping = event._tag === "JobStepped" ? { mode: event.mode, depth: event.depth } : null
}

const breakpoint = (job: Job, event: Extract<JobEvent, { readonly breakpoint: unknown }>): void => {
  if (event._tag === "BreakpointSet") {
    job.breakpoints.set(event.breakpoint.id, { ...event.breakpoint, hits: 0 })
    return
  }
  if (event._tag === "JobPaused" || event.breakpoint === null) return
  if (event._tag === "BreakpointRemoved") {
    job.breakpoints.delete(event.breakpoint)
    return
  }
  const known = job.breakpoints.get(event.breakpoint)
  if (known === undefined) return
  const changed = event._tag === "BreakpointSwitched" ? { enabled: event.enabled } : { hits: known.hits + 1 }
  job.breakpoints.set(known.id, { ...known, ...changed })
}
