// One command of the program: what its help says, what it takes, and how it is loaded when it is wanted.

import type { Arguments, Flag, Operands } from "./Arguments.ts"
import type { SettingName } from "./settings/table.ts"
import type { Terminal } from "./Terminal.ts"

export interface Invocation extends Arguments {
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The exit codes that every command shares; a command's own are in its table row. */
export const exitCodes = { fine: 0, failed: 1, wrongUsage: 2, notHealthy: 3, damaged: 4 } as const

export interface Command {
  readonly name: string
  /** One line in the list of commands. */
  readonly summary: string
  /** A sentence or two more, for its own help. */
  readonly about: string
  readonly operands: Operands
  readonly flags: ReadonlyArray<Flag>
  /** The settings that it takes as flags as well. */
  readonly settings: ReadonlyArray<SettingName>
  readonly example: string
  /** Exit codes beyond 0 fine, 1 failed, 2 wrong usage. */
  readonly exits: ReadonlyArray<readonly [code: number, meaning: string]>
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => Promise<number> }>
}
