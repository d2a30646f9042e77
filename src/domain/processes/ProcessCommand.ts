// What can be asked of a managed process, and what the supervisor reports about it. Ids and times arrive with the command.

import type { CommandId, ProcessId } from "../Brands.ts"
import type { ProcessIdentity, ProcessSpec } from "../events/ProcessEvents.ts"

interface Asked {
  readonly id: CommandId
  readonly process: ProcessId
}

export interface BootProcess extends Asked {
  readonly _tag: "BootProcess"
  /** As it goes into the log: environment values outside the allow-list already redacted. */
  readonly spec: ProcessSpec
  /** The values themselves; they go into a side file of the process and never into the log. */
  readonly environment: Readonly<Record<string, string>> | null
}

/** Signal, wait for the grace, then force: until the whole tree is gone. */
export interface StopProcess extends Asked {
  readonly _tag: "StopProcess"
  readonly signal: string
  readonly graceMillis: number
}

export interface FlushProcess extends Asked {
  readonly _tag: "FlushProcess"
}

/** What the supervisor saw, told after the act. */
export interface RecordBooted extends Asked {
  readonly _tag: "RecordBooted"
  readonly identity: ProcessIdentity
}
export interface RecordBootFailed extends Asked {
  readonly _tag: "RecordBootFailed"
  readonly reason: string
}
export interface RecordSignalled extends Asked {
  readonly _tag: "RecordSignalled"
  readonly signal: string
}
export interface RecordSignalRefused extends Asked {
  readonly _tag: "RecordSignalRefused"
  readonly signal: string
  readonly reason: string
}
export interface RecordExited extends Asked {
  readonly _tag: "RecordExited"
  readonly code: number | null
  readonly signal: number | null
}
export interface RecordAdopted extends Asked {
  readonly _tag: "RecordAdopted"
  readonly identity: ProcessIdentity
}

export type ProcessCommand =
  | BootProcess
  | StopProcess
  | FlushProcess
  | RecordBooted
  | RecordBootFailed
  | RecordSignalled
  | RecordSignalRefused
  | RecordExited
  | RecordAdopted
