// The trace of a job: which of its events are steps that a debugger shows, and where in the log the last of them lie.

import type { Position } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { CallError } from "../events/JobEvents.ts"
import { defaultMaxEventsPerJob, keptJobs } from "./Flows.ts"

export interface TraceEntry {
  /** Of the event in the log; two entries can come of one. */
  readonly position: Position
  readonly type: "routine_start" | "slot_call" | "event_emit" | "routine_end"
  readonly routine: string
  /** Wall time, µs. */
  readonly at: number
  readonly call: number
  readonly data: Readonly<Record<string, unknown>>
  readonly durationMicros: number | null
  readonly status: "running" | "completed" | "failed"
}

/** The events themselves stay in the log: what is kept is where they are. */
export interface JobSteps {
  readonly first: Position
  last: Position
  /** Positions of the latest events that leave entries; the ring's length bounds it. */
  positions: Array<Position>
  /** Entries of all events so far. */
  recorded: number
}

export interface Traces {
  readonly jobs: Map<string, JobSteps>
  maxEventsPerJob: number
}

export const initial = (): Traces => ({ jobs: new Map(), maxEventsPerJob: defaultMaxEventsPerJob })

export const copy = (state: Traces): Traces => ({
  jobs: new Map(Array.from(state.jobs, ([id, trace]) => [id, { ...trace, positions: [...trace.positions] }])),
  maxEventsPerJob: state.maxEventsPerJob,
})

export const evolve = (state: Traces, { event, position }: Envelope): Traces => {
  switch (event._tag) {
    case "MonitoringSwitched":
      state.maxEventsPerJob = event.maxEventsPerJob
      return state
    case "JobRequested": {
      state.jobs.set(event.job, { first: position, last: position, positions: [], recorded: 0 })
      // The oldest job is the first of the map.
      const oldest = state.jobs.size > keptJobs * 2 ? state.jobs.keys().next().value : undefined
      if (oldest !== undefined) state.jobs.delete(oldest)
      return state
    }
    case "JobForgotten":
      state.jobs.delete(event.job)
      return state
    case "SlotCalled":
    case "EventEmitted":
    case "RoutineFinished":
    case "RoutineFailed":
      note(state, event.job, position, entriesOf(event._tag))
      return state
    default:
      return state
  }
}

const entriesOf = (tag: string): number => (tag === "SlotCalled" ? 2 : 1)

const note = (state: Traces, job: string, position: Position, entries: number): void => {
  const trace = state.jobs.get(job)
  if (trace === undefined) return
  trace.last = position
  trace.recorded += entries
  trace.positions.push(position)
  // Cut in one go, so that keeping the bound costs nothing an event.
  if (trace.positions.length >= 2 * state.maxEventsPerJob)
    trace.positions = trace.positions.slice(-state.maxEventsPerJob)
}

/** Where the last `count` entries lie at most. */
export const rangeOf = (
  state: Traces,
  job: string,
  count: number,
): { readonly from: Position; readonly to: Position } | null => {
  const trace = state.jobs.get(job)
  if (trace === undefined) return null
  const from = trace.positions.at(-Math.min(count, state.maxEventsPerJob)) ?? trace.positions[0] ?? trace.first
  return { from, to: trace.last }
}

/** What one event adds to the trace of its job. */
export const entries = ({ event, position, at }: Envelope): ReadonlyArray<TraceEntry> => {
  const common = { position, at, durationMicros: null } as const
  switch (event._tag) {
    case "SlotCalled": {
      const { routine, call, slot, attempt } = event
      const started = { ...common, routine, call, status: "running" } as const
      return [
        { ...started, type: "routine_start", data: {} },
        { ...started, type: "slot_call", data: { slot, ...(attempt > 1 ? { attempt } : {}) } },
      ]
    }
    case "EventEmitted": {
      const { routine, call, data } = event
      return [{ ...common, type: "event_emit", routine, call, data: { event: event.event, data }, status: "completed" }]
    }
    case "RoutineFinished": {
      const { routine, call, durationMicros, result } = event
      return [{ ...common, type: "routine_end", routine, call, durationMicros, data: { result }, status: "completed" }]
    }
    case "RoutineFailed": {
      const { routine, call, durationMicros, outcome } = event
      const data = { error: errorOf(event.error), outcome }
      return [{ ...common, type: "routine_end", routine, call, durationMicros, data, status: "failed" }]
    }
    default:
      return []
  }
}

const errorOf = ({ type, message, line }: CallError) => ({ type, message, line })
