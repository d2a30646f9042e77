// The state of all managed processes, folded from their events.

import type { Position, ProcessId } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { Event } from "../Event.ts"
import type { ProcessIdentity, ProcessSpec } from "../events/ProcessEvents.ts"

export type ProcessStatus = "booting" | "boot_failed" | "running" | "stopping" | "exited" | "stopped"

export interface ManagedProcess {
  readonly id: ProcessId
  readonly spec: ProcessSpec
  readonly status: ProcessStatus
  readonly identity: ProcessIdentity | null
  /** Wall times, µs. */
  readonly requestedAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** How it ended; both null while it lives and when nobody could tell. */
  readonly code: number | null
  readonly signal: number | null
  /** Why the boot failed. */
  readonly reason: string | null
  /** The stop in force: what the supervisor has to carry out. */
  readonly stop: { readonly signal: string; readonly force: string | null; readonly graceMillis: number } | null
  /** The last signal really sent: SIGKILL after a stop's grace means that it had to be forced. */
  readonly lastSignal: string | null
  readonly changedAt: Position
}

export interface Processes {
  readonly byId: Map<ProcessId, ManagedProcess>
  /** The latest run of POST /start; it stays after a flush, because /status answers from it. */
  readonly script: ManagedProcess | null
}

export const initial = (): Processes => ({ byId: new Map(), script: null })

export const isAlive = (process: ManagedProcess): boolean =>
  process.status === "booting" || process.status === "running" || process.status === "stopping"

/** The managed process that a pid belongs to, living or ended: the latest one that had it. */
export const byPid = (state: Processes, pid: number): ManagedProcess | null => {
  let found: ManagedProcess | null = null
  for (const process of state.byId.values()) if (process.identity?.pid === pid) found = process
  return found
}

export const evolve = (state: Processes, envelope: Envelope): Processes => {
  const { event } = envelope
  if (event._tag === "ProcessBootRequested") {
    return put(state, {
      id: event.process,
      spec: event.spec,
      status: "booting",
      identity: null,
      requestedAt: envelope.at,
      startedAt: null,
      endedAt: null,
      code: null,
      signal: null,
      reason: null,
      stop: null,
      lastSignal: null,
      changedAt: envelope.position,
    })
  }
  if (event._tag === "ProcessFlushed") {
    state.byId.delete(event.process)
    return state
  }
  const id = processOf(event)
  const process = id === null ? undefined : state.byId.get(id)
  if (process === undefined) return state
  const changes = changesBy(event, envelope.at, process)
  return changes === null ? state : put(state, { ...process, ...changes, changedAt: envelope.position })
}

const put = (state: Processes, process: ManagedProcess): Processes => {
  state.byId.set(process.id, process)
  return process.spec.kind === "script" ? { byId: state.byId, script: process } : state
}

const processOf = (event: Event): ProcessId | null =>
  "process" in event && typeof event.process === "string" ? event.process : null

const changesBy = (event: Event, at: number, process: ManagedProcess): Partial<ManagedProcess> | null => {
  switch (event._tag) {
    case "ProcessBooted":
      return { status: process.stop === null ? "running" : "stopping", identity: event.identity, startedAt: at }
    case "ProcessBootFailed":
      return { status: "boot_failed", reason: event.reason, endedAt: at }
    case "ProcessAdopted":
      return { identity: event.identity }
    case "ProcessSignalRequested":
      return event.stop
        ? {
            status: process.status === "running" ? "stopping" : process.status,
            stop: { signal: event.signal, force: event.force, graceMillis: event.graceMillis },
          }
        : {}
    case "ProcessSignalled":
      return { lastSignal: event.signal }
    case "ProcessExited":
      return {
        status: process.stop === null ? "exited" : "stopped",
        endedAt: at,
        code: event.code,
        signal: event.signal,
      }
    default:
      return null
  }
}
