// One job of a flow, folded from its events: what waits, what runs, what it shares, where it stands still.

import type { FlowDefinition, RoutineClass } from "../events/FlowEvents.ts"
import type { Breakpoint, CallError, Checkpoint } from "../events/JobEvents.ts"

export type Data = Readonly<Record<string, unknown>>

/** A call of a slot's handler, from the emission that caused it to its end. */
export interface Call {
  readonly number: number
  readonly routine: string
  readonly slot: string
  readonly input: Data
  /** 0 for the entry; one more than the call that emitted what caused it. */
  readonly depth: number
  /** The call whose emission caused it; null for the entry. */
  readonly cause: number | null
  /** The calls that led to it, the nearest first, `trailLength` at most. */
  readonly trail: ReadonlyArray<Ancestor>
  /** 1 for the first run. */
  readonly attempt: number
}

export interface Ancestor {
  readonly call: number
  readonly routine: string
  readonly slot: string
}

export const trailLength = 20

export interface Emission {
  readonly event: string
  readonly data: Data
}

export type JobStatus = "pending" | "running" | "paused" | "completed" | "failed" | "cancelled"

export interface Pause {
  readonly reason: "asked" | "breakpoint" | "step"
  readonly breakpoint: string | null
  readonly at: Checkpoint | null
}

/** What one routine of the job has done so far. Times are of its calls that were timed. */
export interface RoutineTally {
  calls: number
  errors: number
  timed: number
  totalMicros: number
  minMicros: number
  maxMicros: number
  /** Wall time of its last end, µs. */
  lastAt: number | null
  state: "running" | "completed" | "failed" | "skipped"
}

/** Updated in place by its fold: a job takes thousands of steps a second. */
export interface Job {
  readonly id: string
  readonly flow: string
  readonly definition: FlowDefinition
  /** The classes of its routines as they were when it was asked for. */
  readonly classes: ReadonlyMap<string, RoutineClass>
  readonly entry: { readonly routine: string; readonly slot: string; readonly input: Data }
  readonly origin: { readonly job: string; readonly call: number } | null
  readonly requestedAt: number
  startedAt: number | null
  endedAt: number | null
  status: JobStatus
  error: CallError | null
  /** Settled when it starts. */
  monitored: boolean
  durable: boolean
  nextCall: number
  /** Calls to be made, in order. `queued` of them, from `head` on: taking the first one moves nothing. */
  queue: Array<Call>
  head: number
  readonly running: Map<number, Call>
  /** Emissions of running calls that take effect when the call ends. */
  readonly held: Map<number, Array<Emission>>
  /** What "append" slots have gathered, by "routine.slot". */
  readonly gathered: Map<string, Data>
  shared: Record<string, unknown>
  pause: Pause | null
  /** Asked for and not yet done. */
  pauseAsked: boolean
  cancelAsked: boolean
  stepping: { readonly mode: "over" | "into"; readonly depth: number } | null
  /** The checkpoint that it was resumed from: not stopped at again. */
  passed: { readonly kind: "call" | "event"; readonly call: number } | null
  readonly breakpoints: Map<string, SetBreakpoint>
  readonly tallies: Map<string, RoutineTally>
  slotCalls: number
  emitted: number
  errors: Array<CallError & { readonly routine: string; readonly call: number }>
}

export interface SetBreakpoint extends Breakpoint {
  readonly hits: number
}

/** More errors of a job are counted by its routines, not kept. */
export const keptErrors = 100

export const queued = (job: Job): number => job.queue.length - job.head

export const isOver = (job: Job): boolean =>
  job.status === "completed" || job.status === "failed" || job.status === "cancelled"

export const firstQueued = (job: Job): Call | null => job.queue[job.head] ?? null

export const repeatable = (job: Job, routine: string): boolean => classOf(job, routine)?.repeatable ?? false

export const classOf = (job: Job, routine: string): RoutineClass | undefined => {
  const use = job.definition.routines[routine]
  return use === undefined ? undefined : job.classes.get(use.className)
}

/** Independent of the original from here on. */
export const copy = (job: Job): Job => ({
  ...job,
  queue: job.queue.slice(job.head),
  head: 0,
  running: new Map(job.running),
  held: new Map(Array.from(job.held, ([call, emissions]) => [call, [...emissions]])),
  gathered: new Map(job.gathered),
  shared: { ...job.shared },
  breakpoints: new Map(job.breakpoints),
  tallies: new Map(Array.from(job.tallies, ([routine, tally]) => [routine, { ...tally }])),
  errors: [...job.errors],
})
