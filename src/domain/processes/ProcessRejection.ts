// Why a command about a process is turned down.

import { Data } from "effect"
import type { ProcessId } from "../Brands.ts"

export class ProcessAlreadyRunning extends Data.TaggedError("ProcessAlreadyRunning")<{ readonly process: ProcessId }> {
  override get message() {
    return "A process is already running. Stop it first."
  }
}

export class ProcessNotFound extends Data.TaggedError("ProcessNotFound")<{ readonly process: ProcessId }> {
  override get message() {
    return `no process has the id ${this.process}`
  }
}

export class ProcessNotRunning extends Data.TaggedError("ProcessNotRunning")<{ readonly process: ProcessId }> {
  override get message() {
    return `process ${this.process} is not running`
  }
}

export class ProcessStillRunning extends Data.TaggedError("ProcessStillRunning")<{ readonly process: ProcessId }> {
  override get message() {
    return `process ${this.process} is still running; stop it before it is flushed`
  }
}

export class DependencyCycle extends Data.TaggedError("DependencyCycle")<{
  readonly process: ProcessId
  /** By name, from the process back to itself. */
  readonly path: ReadonlyArray<string>
}> {
  override get message() {
    return `its dependencies go round in a circle: ${this.path.join(" → ")}`
  }
}

export type ProcessRejection =
  | ProcessAlreadyRunning
  | ProcessNotFound
  | ProcessNotRunning
  | ProcessStillRunning
  | DependencyCycle
