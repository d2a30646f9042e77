// What can be asked about flows and their jobs. Ids arrive with the command.

import type { CommandId } from "../Brands.ts"
import type { Connection, FlowDefinition, RoutineClass, RoutineUse } from "../events/FlowEvents.ts"
import type { Breakpoint } from "../events/JobEvents.ts"
import type { Data } from "./Job.ts"

interface Asked {
  readonly id: CommandId
}
interface OfFlow extends Asked {
  readonly flow: string
}
interface OfJob extends Asked {
  readonly job: string
}

export interface DefineFlow extends OfFlow {
  readonly _tag: "DefineFlow"
  readonly definition: FlowDefinition
  /** Whether one that is there already is replaced: a file that changed, not a second POST. */
  readonly replace: boolean
}
export interface RemoveFlow extends OfFlow {
  readonly _tag: "RemoveFlow"
}
export interface AddRoutine extends OfFlow {
  readonly _tag: "AddRoutine"
  readonly routine: string
  readonly use: RoutineUse
}
export interface RemoveRoutine extends OfFlow {
  readonly _tag: "RemoveRoutine"
  readonly routine: string
}
export interface AddConnection extends OfFlow {
  readonly _tag: "AddConnection"
  readonly connection: Connection
}
export interface RemoveConnection extends OfFlow {
  readonly _tag: "RemoveConnection"
  readonly index: number
}
export interface ReportClasses extends Asked {
  readonly _tag: "ReportClasses"
  readonly classes: ReadonlyArray<RoutineClass>
}
export interface SwitchMonitoring extends Asked {
  readonly _tag: "SwitchMonitoring"
  readonly enabled: boolean | null
  readonly maxEventsPerJob: number | null
}

export interface StartJob extends OfJob {
  readonly _tag: "StartJob"
  readonly flow: string
  readonly routine: string
  readonly slot: string
  readonly input: Data
  readonly origin: { readonly job: string; readonly call: number } | null
  /** What the job shares from the beginning. */
  readonly shared?: Data
  /** Stops before its first call, so that a debugger has the time to come. */
  readonly paused: boolean
  readonly breakpoints: ReadonlyArray<Breakpoint>
}
export interface PauseJob extends OfJob {
  readonly _tag: "PauseJob"
}
export interface ResumeJob extends OfJob {
  readonly _tag: "ResumeJob"
}
export interface StepJob extends OfJob {
  readonly _tag: "StepJob"
  readonly mode: "over" | "into"
}
export interface CancelJob extends OfJob {
  readonly _tag: "CancelJob"
}
export interface SetVariable extends OfJob {
  readonly _tag: "SetVariable"
  readonly name: string
  readonly value: unknown
  readonly scope: "local" | "shared" | null
}
export interface SetBreakpoint extends OfJob {
  readonly _tag: "SetBreakpoint"
  readonly breakpoint: Breakpoint
}
export interface SwitchBreakpoint extends OfJob {
  readonly _tag: "SwitchBreakpoint"
  readonly breakpoint: string
  readonly enabled: boolean
}
export interface RemoveBreakpoint extends OfJob {
  readonly _tag: "RemoveBreakpoint"
  readonly breakpoint: string
}
export interface ForgetJobs extends Asked {
  readonly _tag: "ForgetJobs"
  readonly jobs: ReadonlyArray<string>
}

export type JobCommand =
  | PauseJob
  | ResumeJob
  | StepJob
  | CancelJob
  | SetVariable
  | SetBreakpoint
  | SwitchBreakpoint
  | RemoveBreakpoint

export type FlowCommand =
  | DefineFlow
  | RemoveFlow
  | AddRoutine
  | RemoveRoutine
  | AddConnection
  | RemoveConnection
  | ReportClasses
  | SwitchMonitoring
  | StartJob
  | ForgetJobs
  | JobCommand
