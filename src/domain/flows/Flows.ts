// All flows, routine classes and jobs, folded from the log.

import type { Envelope } from "../Envelope.ts"
import type { Event } from "../Event.ts"
import type { FlowDefinition, FlowEvent, RoutineClass } from "../events/FlowEvents.ts"
import type { JobEvent } from "../events/JobEvents.ts"
import { evolveJob } from "./evolveJob.ts"
import { copy as copyJob, isOver, type Job } from "./Job.ts"
import { putEntry } from "./queue.ts"

export interface Flow {
  readonly id: string
  readonly definition: FlowDefinition
  /** Wall times, µs. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface Flows {
  readonly flows: Map<string, Flow>
  classes: ReadonlyMap<string, RoutineClass>
  readonly jobs: Map<string, Job>
  /** Ended jobs in the order of their end; beyond `keptJobs` the oldest leave the state. */
  ended: Array<string>
  monitoring: { readonly enabled: boolean; readonly maxEventsPerJob: number }
}

/** Ended jobs that the state keeps. The log keeps the record of all. */
export const keptJobs = 10_000
export const defaultMaxEventsPerJob = 1000

export const initial = (): Flows => ({
  flows: new Map(),
  classes: new Map(),
  jobs: new Map(),
  ended: [],
  monitoring: { enabled: true, maxEventsPerJob: defaultMaxEventsPerJob },
})

export const copy = (state: Flows): Flows => ({
  flows: new Map(state.flows),
  classes: state.classes,
  jobs: new Map(Array.from(state.jobs, ([id, job]) => [id, copyJob(job)])),
  ended: [...state.ended],
  monitoring: state.monitoring,
})

export const evolve = (state: Flows, envelope: Envelope): Flows => {
  apply(state, envelope.event, envelope.at)
  return state
}

/** The same for an event that has no place in the log yet: the engine is ahead of the disk. */
export const apply = (state: Flows, event: Event, at: number): void => {
  if ("job" in event && typeof event.job === "string") jobEvent(state, event, at)
  else flowEvent(state, event as FlowEvent, at)
}

const jobEvent = (state: Flows, event: JobEvent, at: number): void => {
  if (event._tag === "JobRequested") return requested(state, event, at)
  const job = state.jobs.get(event.job)
  if (job === undefined) return
  if (event._tag === "JobForgotten") {
    state.jobs.delete(event.job)
    state.ended = state.ended.filter((id) => id !== event.job)
    return
  }
  const wasOver = isOver(job)
  evolveJob(job, event, at)
  if (!wasOver && isOver(job)) ended(state, job.id)
}

const ended = (state: Flows, id: string): void => {
  state.ended.push(id)
  if (state.ended.length <= keptJobs) return
  const oldest = state.ended.shift()
  if (oldest !== undefined) state.jobs.delete(oldest)
}

const requested = (state: Flows, event: Extract<JobEvent, { readonly _tag: "JobRequested" }>, at: number): void => {
  const flow = state.flows.get(event.flow)
  if (flow === undefined || state.jobs.has(event.job)) return
  const { routine, slot, input } = event
  const job: Job = {
    id: event.job,
    flow: event.flow,
    definition: flow.definition,
    classes: state.classes,
    entry: { routine, slot, input },
    origin: event.origin,
    requestedAt: at,
    startedAt: null,
    endedAt: null,
    status: "pending",
    error: null,
    monitored: flow.definition.monitored && state.monitoring.enabled,
    durable: flow.definition.durable,
    nextCall: 1,
    queue: [],
    head: 0,
    running: new Map(),
    held: new Map(),
    gathered: new Map(),
    shared: { ...event.shared },
    pause: null,
    pauseAsked: false,
    cancelAsked: false,
    stepping: null,
    passed: null,
    breakpoints: new Map(),
    tallies: new Map(),
    slotCalls: 0,
    emitted: 0,
    errors: [],
  }
  putEntry(job)
  state.jobs.set(job.id, job)
}

const flowEvent = (state: Flows, event: FlowEvent, at: number): void => {
  switch (event._tag) {
    case "RoutineClassesFound":
      state.classes = new Map(event.classes.map((one) => [one.name, one]))
      return
    case "MonitoringSwitched":
      state.monitoring = { enabled: event.enabled, maxEventsPerJob: event.maxEventsPerJob }
      return
    case "FlowDefined": {
      const createdAt = state.flows.get(event.flow)?.createdAt ?? at
      state.flows.set(event.flow, { id: event.flow, definition: event.definition, createdAt, updatedAt: at })
      return
    }
    case "FlowRemoved":
      state.flows.delete(event.flow)
      return
    case "RoutineAdded":
    case "RoutineRemoved":
    case "ConnectionAdded":
    case "ConnectionRemoved":
      return changed(state, event, at)
    // Other rooms' events come by here as well.
    default:
  }
}

type Change = Extract<FlowEvent, { readonly _tag: `${"Routine" | "Connection"}${"Added" | "Removed"}` }>

const changed = (state: Flows, event: Change, at: number): void => {
  const flow = state.flows.get(event.flow)
  if (flow === undefined) return
  const definition = { ...flow.definition, ...changeOf(flow.definition, event) }
  state.flows.set(event.flow, { ...flow, definition, updatedAt: at })
}

const changeOf = (before: FlowDefinition, event: Change): Partial<FlowDefinition> => {
  switch (event._tag) {
    case "RoutineAdded":
      return { routines: { ...before.routines, [event.routine]: event.use } }
    case "RoutineRemoved": {
      const { [event.routine]: _, ...routines } = before.routines
      const touches = event.routine
      const connections = before.connections.filter(
        (one) => one.sourceRoutine !== touches && one.targetRoutine !== touches,
      )
      return { routines, connections }
    }
    case "ConnectionAdded":
      return { connections: [...before.connections, event.connection] }
    case "ConnectionRemoved":
      return { connections: before.connections.filter(({ id }) => id !== event.connection) }
  }
}
