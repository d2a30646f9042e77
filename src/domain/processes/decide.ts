// What a command about a process leads to: events, nothing, or a rejection. Total and pure.

import { Either } from "effect"
import type { ProcessEvent } from "../events/ProcessEvents.ts"
import { clearedFor } from "./clearing.ts"
import { cycleWith } from "./dependencies.ts"
import type {
  BootProcess,
  ProcessCommand,
  RecordBooted,
  RecordExited,
  RecordUnresponsive,
  RestartProcess,
  StopProcess,
} from "./ProcessCommand.ts"
import { isAlive, type ManagedProcess, type Processes } from "./Processes.ts"
import {
  DependencyCycle,
  ProcessAlreadyRunning,
  ProcessNotFound,
  ProcessNotRunning,
  ProcessStillRunning,
} from "./ProcessRejection.ts"
import type { ProcessRejection } from "./ProcessRejection.ts"
import { restartAfter } from "./restarting.ts"

type Decision = Either.Either<ReadonlyArray<ProcessEvent>, ProcessRejection>

const nothing: Decision = Either.right([])
const accept = (...events: ReadonlyArray<ProcessEvent>): Decision => Either.right(events)

export const decide = (state: Processes, command: ProcessCommand): Decision => {
  if (command._tag === "BootProcess") return boot(state, command)
  const process = state.byId.get(command.process)
  if (process === undefined) return Either.left(new ProcessNotFound({ process: command.process }))
  switch (command._tag) {
    case "StopProcess":
      return stop(process, command)
    case "RestartProcess":
      return restart(state, process, command)
    case "FlushProcess":
      return isAlive(process) || process.restartAt !== null
        ? Either.left(new ProcessStillRunning({ process: process.id }))
        : accept({ _tag: "ProcessFlushed", process: process.id })
    case "ChangeLimits":
      return whileAlive(process, { _tag: "ProcessLimitsRequested", process: process.id, limits: command.limits })
    case "BootAgain":
      return isAlive(process) || process.restartAt === null ? nothing : accept(again(process))
    default:
      return record(state, process, command)
  }
}

/** Facts that the supervisor tells. */
const record = (
  state: Processes,
  process: ManagedProcess,
  command: Extract<ProcessCommand, { _tag: `Record${string}` }>,
): Decision => {
  switch (command._tag) {
    case "RecordBooted":
      return booted(process, command)
    case "RecordBootFailed":
      return process.status === "booting"
        ? accept(
            { _tag: "ProcessBootFailed", process: process.id, reason: command.reason },
            ...afterBootFailed(process),
            ...clearedFor(state, process),
          )
        : nothing
    case "RecordReady":
      return isAlive(process) && !process.ready ? accept({ _tag: "ProcessReady", process: process.id }) : nothing
    case "RecordUnresponsive":
      return unresponsive(process, command)
    case "RecordSignalled":
      return whileAlive(process, { _tag: "ProcessSignalled", process: process.id, signal: command.signal })
    case "RecordSignalRefused":
      return accept({
        _tag: "SignalRefused",
        process: process.id,
        pid: process.identity?.pid ?? null,
        signal: command.signal,
        reason: command.reason,
      })
    case "RecordExited":
      return exited(state, process, command)
    case "RecordAdopted":
      return whileAlive(process, { _tag: "ProcessAdopted", process: process.id, identity: command.identity })
    case "RecordLimitsApplied":
      return accept({
        _tag: "ProcessLimitsApplied",
        process: process.id,
        applied: command.applied,
        refused: command.refused,
      })
  }
}

const boot = (state: Processes, command: BootProcess): Decision => {
  const { spec } = command
  const rival = rivalOf(state, spec.kind) ?? state.byId.get(command.process)
  if (rival !== undefined && isAlive(rival)) return Either.left(new ProcessAlreadyRunning({ process: rival.id }))
  const path = cycleWith(state, spec)
  if (path !== null) return Either.left(new DependencyCycle({ process: command.process, path }))
  return accept({ _tag: "ProcessBootRequested", process: command.process, spec })
}

/** The script in whose place no other can run. */
const rivalOf = (state: Processes, kind: "script" | "process"): ManagedProcess | undefined =>
  kind === "script" && state.script !== null && isAlive(state.script) ? state.script : undefined

const again = ({ id, spec }: ManagedProcess): ProcessEvent => ({ _tag: "ProcessBootRequested", process: id, spec })

const cancelled = ({ id, restartAsked, restartAt, unresponsive }: ManagedProcess): ReadonlyArray<ProcessEvent> =>
  restartAsked || restartAt !== null || unresponsive ? [{ _tag: "ProcessRestartCancelled", process: id }] : []

/** A stop asked again while one is under way adds nothing, unless it is a harsher one. It ends restarts, asked or scheduled. */
const stop = (process: ManagedProcess, command: StopProcess): Decision => {
  if (isAlive(process)) return accept(...cancelled(process), ...stopping(process, command))
  return process.restartAt === null
    ? Either.left(new ProcessNotRunning({ process: process.id }))
    : accept(...cancelled(process))
}

const stopping = (
  process: ManagedProcess,
  { signal, graceMillis }: Pick<StopProcess, "signal" | "graceMillis">,
): ReadonlyArray<ProcessEvent> =>
  process.stop !== null && (process.stop.signal === "SIGKILL" || signal !== "SIGKILL")
    ? []
    : [
        {
          _tag: "ProcessSignalRequested",
          process: process.id,
          signal,
          force: "SIGKILL",
          graceMillis,
          stop: true,
        },
      ]

const restart = (state: Processes, process: ManagedProcess, command: RestartProcess): Decision => {
  if (!isAlive(process)) {
    const rival = rivalOf(state, process.spec.kind)
    return rival === undefined ? accept(again(process)) : Either.left(new ProcessAlreadyRunning({ process: rival.id }))
  }
  const asked: ReadonlyArray<ProcessEvent> = process.restartAsked
    ? []
    : [{ _tag: "ProcessRestartRequested", process: process.id }]
  return accept(...asked, ...stopping(process, command))
}

const booted = (process: ManagedProcess, { identity, host }: RecordBooted): Decision => {
  if (process.status === "booting") {
    return accept({ _tag: "ProcessBooted", process: process.id, identity, ...(host === undefined ? {} : { host }) })
  }
  return isAlive(process) ? nothing : Either.left(new ProcessNotRunning({ process: process.id }))
}

const exited = (
  state: Processes,
  process: ManagedProcess,
  { code, signal, endedAt, ranMillis }: RecordExited,
): Decision => {
  if (!isAlive(process)) return Either.left(new ProcessNotRunning({ process: process.id }))
  const end: ProcessEvent = {
    _tag: "ProcessExited",
    process: process.id,
    code,
    signal,
    ...(endedAt === undefined ? {} : { endedAt }),
  }
  if (process.restartAsked) return accept(end, again(process))
  const cleared = process.spec.kind === "script" ? clearedFor(state, process) : []
  return accept(end, ...scheduled(process, { code, ranMillis: ranMillis ?? 0 }), ...cleared)
}

/** The first boot's failure is its caller's to judge; that of a later one is one failure more in a row. */
const afterBootFailed = (process: ManagedProcess) =>
  process.attempt === 0 ? [] : scheduled(process, { code: null, ranMillis: 0 })

const scheduled = (
  process: ManagedProcess,
  ended: { readonly code: number | null; readonly ranMillis: number },
): ReadonlyArray<ProcessEvent> => {
  const restart = restartAfter(process, ended)
  return restart === null ? [] : [{ _tag: "ProcessRestartScheduled", process: process.id, ...restart }]
}

/** What no longer answers is ended; its policy takes that for the failure that it is. */
const unresponsive = (process: ManagedProcess, { reason }: RecordUnresponsive): Decision => {
  if (!isAlive(process) || process.stop !== null) return nothing
  return accept(
    { _tag: "ProcessUnresponsive", process: process.id, reason },
    ...stopping(process, { signal: "SIGTERM", graceMillis: 10_000 }),
  )
}

const whileAlive = (process: ManagedProcess, event: ProcessEvent): Decision =>
  isAlive(process) ? accept(event) : Either.left(new ProcessNotRunning({ process: process.id }))
