// The tasks and how they stand, folded from their events and those of the processes that run them.

import type { ProcessId } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { Event } from "../Event.ts"
import type { ProcessIdentity } from "../events/ProcessEvents.ts"
import type { TaskDefinition, TaskFinished } from "../events/TaskEvents.ts"

export type TaskStatus = "pending" | "scheduled" | "running" | "completed" | "failed"

export interface Task {
  readonly definition: TaskDefinition
  readonly status: TaskStatus
  /** What is to be done next: a start that was asked for and not carried out, an end that is not accounted for. */
  readonly owes: "boot" | "results" | null
  readonly identity: ProcessIdentity | null
  readonly stopping: boolean
  readonly results: TaskFinished["results"]
  readonly error: string | null
  /** Wall times, µs. */
  readonly createdAt: number
  readonly changedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}

export interface Tasks {
  readonly byId: Map<string, Task>
  readonly byProcess: Map<ProcessId, string>
}

export const initial = (): Tasks => ({ byId: new Map(), byProcess: new Map() })

export const copy = (state: Tasks): Tasks => ({ byId: new Map(state.byId), byProcess: new Map(state.byProcess) })

export const isOver = ({ status }: Task): boolean => status === "completed" || status === "failed"

export const evolve = (state: Tasks, { event, at }: Envelope): Tasks => {
  if (event._tag === "TaskDefined") {
    const { definition } = event
    state.byId.set(definition.task, fresh(definition, at))
    state.byProcess.set(definition.process, definition.task)
    return state
  }
  const task = taskOf(state, event)
  if (task === undefined) return state
  if (event._tag === "TaskRemoved") {
    state.byId.delete(event.task)
    state.byProcess.delete(task.definition.process)
    return state
  }
  const changes = changesBy(task, event, at)
  if (changes !== null) state.byId.set(task.definition.task, { ...task, ...changes, changedAt: at })
  return state
}

const taskOf = (state: Tasks, event: Event): Task | undefined => {
  if (state.byId.size === 0) return undefined
  if ("task" in event) return state.byId.get(String(event.task))
  if (!("process" in event) || event.process === null) return undefined
  const id = state.byProcess.get(event.process)
  return id === undefined ? undefined : state.byId.get(id)
}

const fresh = (definition: TaskDefinition, at: number): Task => ({
  definition,
  status: "pending",
  owes: null,
  identity: null,
  stopping: false,
  results: null,
  error: null,
  createdAt: at,
  changedAt: at,
  startedAt: null,
  endedAt: null,
})

const changesBy = (task: Task, event: Event, at: number): Partial<Task> | null => {
  switch (event._tag) {
    case "TaskStartRequested":
      return { status: "scheduled", owes: "boot", results: null, error: null, stopping: false, endedAt: null }
    case "ProcessBootRequested":
      return { status: "scheduled", owes: null, identity: null, results: null, error: null, stopping: false }
    case "ProcessBooted":
      return { status: "running", identity: event.identity, startedAt: at }
    case "ProcessAdopted":
      return { identity: event.identity }
    case "ProcessSignalRequested":
      return event.stop ? { stopping: true } : null
    case "ProcessBootFailed":
      return { status: "failed", error: event.reason, endedAt: at, owes: "results" }
    case "ProcessExited": {
      const isWell = event.code === 0 || task.stopping
      const error = isWell ? null : endOf(event.code, event.signal)
      return { status: isWell ? "completed" : "failed", error, endedAt: event.endedAt ?? at, owes: "results" }
    }
    case "TaskFinished":
      return {
        status: event.error === null ? "completed" : "failed",
        results: event.results,
        error: event.error,
        owes: null,
        endedAt: task.endedAt ?? at,
      }
    default:
      return null
  }
}

const endOf = (code: number | null, signal: number | null): string => {
  if (code !== null) return `it ended with exit code ${code}`
  return signal === null ? "it ended, and nobody saw how" : `it was ended by signal ${signal}`
}
