// What can be asked of a managed process, and what the supervisor reports about it. Ids and times arrive with the command.

import type { CommandId, ProcessId } from "../Brands.ts"
import type { ProcessIdentity, ProcessSpec } from "../events/ProcessEvents.ts"
import type { Limits } from "../events/ProcessTerms.ts"

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

/** Boots it again as it was, under its id; one that lives is stopped first. */
export interface RestartProcess extends Asked {
  readonly _tag: "RestartProcess"
  readonly signal: string
  readonly graceMillis: number
}

export interface ChangeLimits extends Asked {
  readonly _tag: "ChangeLimits"
  readonly limits: Limits
}

export interface FlushProcess extends Asked {
  readonly _tag: "FlushProcess"
}

/** What the supervisor saw, told after the act. */
export interface RecordBooted extends Asked {
  readonly _tag: "RecordBooted"
  readonly identity: ProcessIdentity
  readonly host?: string
}
export interface RecordReady extends Asked {
  readonly _tag: "RecordReady"
}
export interface RecordUnresponsive extends Asked {
  readonly _tag: "RecordUnresponsive"
  readonly reason: string
}
export interface RecordLimitsApplied extends Asked {
  readonly _tag: "RecordLimitsApplied"
  readonly applied: Limits
  readonly refused: ReadonlyArray<{ readonly limit: string; readonly reason: string }>
}
/** The back-off of a scheduled restart is over. */
export interface BootAgain extends Asked {
  readonly _tag: "BootAgain"
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
  /** Wall time, µs, where somebody saw it. */
  readonly endedAt?: number
  /** How long it ran; a restart policy looks at it. */
  readonly ranMillis?: number
}
export interface RecordAdopted extends Asked {
  readonly _tag: "RecordAdopted"
  readonly identity: ProcessIdentity
}

export type ProcessCommand =
  | BootProcess
  | StopProcess
  | RestartProcess
  | ChangeLimits
  | FlushProcess
  | RecordBooted
  | RecordReady
  | RecordUnresponsive
  | RecordLimitsApplied
  | BootAgain
  | RecordBootFailed
  | RecordSignalled
  | RecordSignalRefused
  | RecordExited
  | RecordAdopted
