// What a command about a process leads to: events, nothing, or a rejection. Total and pure.

import { Either } from "effect"
import type { ProcessEvent } from "../events/ProcessEvents.ts"
import type { BootProcess, ProcessCommand, RecordBooted, StopProcess } from "./ProcessCommand.ts"
import { isAlive, type ManagedProcess, type Processes } from "./Processes.ts"
import { ProcessAlreadyRunning, ProcessNotFound, ProcessNotRunning, ProcessStillRunning } from "./ProcessRejection.ts"
import type { ProcessRejection } from "./ProcessRejection.ts"

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
    case "FlushProcess":
      return isAlive(process)
        ? Either.left(new ProcessStillRunning({ process: process.id }))
        : accept({ _tag: "ProcessFlushed", process: process.id })
    case "RecordBooted":
      return booted(process, command)
    case "RecordBootFailed":
      return process.status === "booting"
        ? accept({ _tag: "ProcessBootFailed", process: process.id, reason: command.reason })
        : nothing
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
      return whileAlive(process, {
        _tag: "ProcessExited",
        process: process.id,
        code: command.code,
        signal: command.signal,
      })
    case "RecordAdopted":
      return whileAlive(process, { _tag: "ProcessAdopted", process: process.id, identity: command.identity })
  }
}

const boot = (state: Processes, command: BootProcess): Decision => {
  const rival = command.spec.kind === "script" ? state.script : null
  const same = state.byId.get(command.process)
  for (const other of [rival, same]) {
    if (other !== null && other !== undefined && isAlive(other)) {
      return Either.left(new ProcessAlreadyRunning({ process: other.id }))
    }
  }
  return accept({ _tag: "ProcessBootRequested", process: command.process, spec: command.spec })
}

/** A stop asked again while one is under way adds nothing, unless it is a harsher one. */
const stop = (process: ManagedProcess, command: StopProcess): Decision => {
  if (!isAlive(process)) return Either.left(new ProcessNotRunning({ process: process.id }))
  if (process.stop !== null && (process.stop.signal === "SIGKILL" || command.signal !== "SIGKILL")) return nothing
  return accept({
    _tag: "ProcessSignalRequested",
    process: process.id,
    signal: command.signal,
    force: "SIGKILL",
    graceMillis: command.graceMillis,
    stop: true,
  })
}

const booted = (process: ManagedProcess, command: RecordBooted): Decision => {
  if (process.status === "booting") {
    return accept({ _tag: "ProcessBooted", process: process.id, identity: command.identity })
  }
  return isAlive(process) ? nothing : Either.left(new ProcessNotRunning({ process: process.id }))
}

const whileAlive = (process: ManagedProcess, event: ProcessEvent): Decision =>
  isAlive(process) ? accept(event) : Either.left(new ProcessNotRunning({ process: process.id }))
