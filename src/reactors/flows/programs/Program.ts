// A routine program: what is started, and how it is talked to while it runs. The port by which programs are started and ended.

import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"

export interface Program {
  readonly file: string
  readonly argv: readonly [string, ...ReadonlyArray<string>]
  readonly workingDirectory: string
  readonly classes: ReadonlyArray<RoutineClass>
}

export interface Child {
  readonly write: (text: string) => void
  /** Asks it to end (its input ends), then makes it. */
  readonly end: () => void
  readonly kill: () => void
}

export interface ChildListener {
  readonly line: (text: string) => void
  /** A line too long to be one. */
  readonly overflow: () => void
  readonly printed: (text: string) => void
  readonly ended: (reason: string) => void
}

/** Never throws: what cannot be started ends with the reason. */
export type StartProgram = (program: Program, job: string, listener: ChildListener) => Child
