// Why a command about a flow or a job is turned down.

import { Data } from "effect"

export class FlowNotFound extends Data.TaggedError("FlowNotFound")<{ readonly flow: string }> {
  override get message() {
    return `Flow '${this.flow}' not found`
  }
}
export class FlowAlreadyExists extends Data.TaggedError("FlowAlreadyExists")<{ readonly flow: string }> {
  override get message() {
    return `Flow '${this.flow}' already exists`
  }
}
export class FlowUnsound extends Data.TaggedError("FlowUnsound")<{ readonly issues: ReadonlyArray<string> }> {
  override get message() {
    return this.issues.join("; ")
  }
}
export class RoutineNotFound extends Data.TaggedError("RoutineNotFound")<{ readonly routine: string }> {
  override get message() {
    return `Routine '${this.routine}' not found`
  }
}
export class RoutineAlreadyExists extends Data.TaggedError("RoutineAlreadyExists")<{ readonly routine: string }> {
  override get message() {
    return `Routine '${this.routine}' already exists`
  }
}
export class SlotNotFound extends Data.TaggedError("SlotNotFound")<{
  readonly routine: string
  readonly slot: string
  readonly known: ReadonlyArray<string>
}> {
  override get message() {
    return `Routine '${this.routine}' has no slot '${this.slot}' (it has: ${this.known.join(", ") || "none"})`
  }
}
export class ConnectionNotFound extends Data.TaggedError("ConnectionNotFound")<{ readonly index: number }> {
  override get message() {
    return `Connection ${this.index} not found`
  }
}
export class JobNotFound extends Data.TaggedError("JobNotFound")<{ readonly job: string }> {
  override get message() {
    return `Job '${this.job}' not found`
  }
}
export class JobAlreadyExists extends Data.TaggedError("JobAlreadyExists")<{ readonly job: string }> {
  override get message() {
    return `Job '${this.job}' already exists`
  }
}
export class JobIsOver extends Data.TaggedError("JobIsOver")<{ readonly job: string; readonly status: string }> {
  override get message() {
    return `Job '${this.job}' is ${this.status}`
  }
}
export class JobNotPaused extends Data.TaggedError("JobNotPaused")<{ readonly job: string }> {
  override get message() {
    return `Job '${this.job}' is not paused`
  }
}
export class JobStillRunning extends Data.TaggedError("JobStillRunning")<{ readonly job: string }> {
  override get message() {
    return `Job '${this.job}' is not over`
  }
}
export class BreakpointNotFound extends Data.TaggedError("BreakpointNotFound")<{ readonly breakpoint: string }> {
  override get message() {
    return `Breakpoint '${this.breakpoint}' not found`
  }
}
/** Its condition or text is not of the language, with the place. */
export class BreakpointUnsound extends Data.TaggedError("BreakpointUnsound")<{
  readonly field: "condition" | "log"
  readonly position: number
  readonly reason: string
}> {
  override get message() {
    return `${this.field}, at character ${this.position + 1}: ${this.reason}`
  }
}
export class VariableRefused extends Data.TaggedError("VariableRefused")<{
  readonly name: string
  readonly reason: string
}> {
  override get message() {
    return `Variable '${this.name}' cannot be set: ${this.reason}`
  }
}

export type FlowRejection =
  | FlowNotFound
  | FlowAlreadyExists
  | FlowUnsound
  | RoutineNotFound
  | RoutineAlreadyExists
  | SlotNotFound
  | ConnectionNotFound
  | JobNotFound
  | JobAlreadyExists
  | JobIsOver
  | JobNotPaused
  | JobStillRunning
  | BreakpointNotFound
  | BreakpointUnsound
  | VariableRefused
