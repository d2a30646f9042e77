// The state of all managed processes, folded from their events.

import type { Position, ProcessId } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { Event } from "../Event.ts"
import type { ProcessIdentity, ProcessSpec } from "../events/ProcessEvents.ts"
import type { Limits } from "../events/ProcessTerms.ts"
import * as Failures from "./Failures.ts"

export type ProcessStatus = "booting" | "boot_failed" | "running" | "stopping" | "exited" | "stopped"

export interface ManagedProcess {
  readonly id: ProcessId
  readonly spec: ProcessSpec
  readonly status: ProcessStatus
  readonly identity: ProcessIdentity | null
  /** Which host took it, of several that were asked for. */
  readonly host: string
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
  /** Whether others may rely on it: it runs, and its readiness probe (if any) found it well. */
  readonly ready: boolean
  /** Whether its liveness probe is why it was stopped: that is a failure, however politely it ended. */
  readonly unresponsive: boolean
  /** Whether it is booted again once the stop in force is over. */
  readonly restartAsked: boolean
  /** When its policy boots it again, µs; null unless it waits for that. */
  readonly restartAt: number | null
  /** Restarts by its policy, in a row. */
  readonly attempt: number
  /** Boots under this id, the present one included. */
  readonly boots: number
  /** As they were last asked for and could be enforced; null when none ever were. */
  readonly limits: Limits | null
  /** Of the last change of limits: what could not be enforced, with the reason. */
  readonly limitsRefused: ReadonlyArray<{ readonly limit: string; readonly reason: string }>
  /** Whether it failed as the first of its session, or after another had. */
  readonly failure: Failures.Failure | null
  readonly changedAt: Position
}

export interface Processes {
  readonly byId: Map<ProcessId, ManagedProcess>
  /** The latest run of POST /start; it stays after a flush, because /status answers from it. */
  readonly script: ManagedProcess | null
  /** By session: who failed first since it last came to life. */
  readonly firstFailures: Map<string, ProcessId>
}

export const initial = (): Processes => ({ byId: new Map(), script: null, firstFailures: new Map() })

export const copy = (state: Processes): Processes => ({
  byId: new Map(state.byId),
  script: state.script,
  firstFailures: new Map(state.firstFailures),
})

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
  if (event._tag === "ProcessBootRequested") return requested(state, envelope, event)
  if (event._tag === "ProcessFlushed") {
    state.byId.delete(event.process)
    return state
  }
  const id = processOf(event)
  const process = id === null ? undefined : state.byId.get(id)
  if (process === undefined) return state
  const changes = changesBy(event, envelope.at, process)
  if (changes === null) return state
  const changed = { ...process, ...changes, changedAt: envelope.position }
  return put(state, { ...changed, failure: Failures.judge(state.firstFailures, changed) })
}

const requested = (
  state: Processes,
  { at, position }: Envelope,
  { process, spec }: { readonly process: ProcessId; readonly spec: ProcessSpec },
): Processes => {
  const before = state.byId.get(process)
  Failures.forget(state.firstFailures, spec.session, state.byId.values())
  return put(state, {
    id: process,
    spec,
    status: "booting",
    identity: null,
    host: spec.host,
    requestedAt: at,
    startedAt: null,
    endedAt: null,
    code: null,
    signal: null,
    reason: null,
    stop: null,
    lastSignal: null,
    ready: false,
    unresponsive: false,
    restartAsked: false,
    restartAt: null,
    attempt: before?.attempt ?? 0,
    boots: (before?.boots ?? 0) + 1,
    limits: spec.limits ?? null,
    limitsRefused: [],
    failure: null,
    changedAt: position,
  })
}

const put = (state: Processes, process: ManagedProcess): Processes => {
  state.byId.set(process.id, process)
  return process.spec.kind === "script" ? { ...state, script: process } : state
}

const processOf = (event: Event): ProcessId | null =>
  "process" in event && typeof event.process === "string" ? event.process : null

const changesBy = (event: Event, at: number, process: ManagedProcess): Partial<ManagedProcess> | null => {
  switch (event._tag) {
    case "ProcessBooted":
      return {
        status: process.stop === null ? "running" : "stopping",
        identity: event.identity,
        host: event.host ?? process.host,
        startedAt: at,
        ready: process.spec.readiness === undefined,
      }
    case "ProcessBootFailed":
      return { status: "boot_failed", reason: event.reason, endedAt: at }
    case "ProcessReady":
      return { ready: true }
    case "ProcessUnresponsive":
      return { ready: false, unresponsive: true }
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
        endedAt: event.endedAt ?? at,
        code: event.code,
        signal: event.signal,
        ready: false,
      }
    default:
      return restartsAndLimits(event, at, process)
  }
}

const restartsAndLimits = (event: Event, at: number, process: ManagedProcess): Partial<ManagedProcess> | null => {
  switch (event._tag) {
    case "ProcessRestartRequested":
      return { restartAsked: true }
    case "ProcessRestartScheduled":
      return { attempt: event.attempt, restartAt: at + event.delayMillis * 1000 }
    case "ProcessRestartCancelled":
      return { restartAsked: false, restartAt: null, unresponsive: false }
    case "ProcessLimitsApplied":
      return { limits: { ...process.limits, ...event.applied }, limitsRefused: event.refused }
    default:
      return null
  }
}
