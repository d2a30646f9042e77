// What the supervisor works with: its settings, its bounds, the kernel, and the way to tell what it did.

import type { Effect } from "effect"
import type { Environment, SecretsError } from "../../commands/Secrets.ts"
import type { ProcessId } from "../../domain/Brands.ts"
import type { ProcessCommand } from "../../domain/processes/ProcessCommand.ts"
import type { Cgroups } from "./Cgroups.ts"
import type { Kernel } from "./Kernel.ts"
import type { Launch, Program } from "./Shim.ts"

export interface Options {
  readonly dataDirectory: string
  /** Scripts lie below one of these. */
  readonly scriptRoots: ReadonlyArray<string>
  readonly shim: Program
  /** What becomes of the children when the agent ends in order: `keep` leaves them to the next one. */
  readonly onAgentDeath: "keep" | "stop"
  /** The agent's own, which every child inherits below what was asked for it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** ssh's own configuration file; null for the user's. */
  readonly sshConfig?: string | null
  readonly procRoot?: string
  readonly bounds?: Partial<Bounds>
}

export interface Bounds {
  /** From the start of the shim to its first word. */
  readonly bootMillis: number
  /** From SIGKILL on, until the end of a tree that does not die is given up. */
  readonly forceMillis: number
  /** The grace of children that end with the agent, and the most that the agent waits for them. */
  readonly farewellGraceMillis: number
  readonly farewellMillis: number
  /** The most that the agent's start waits for what it left behind. */
  readonly reconcileMillis: number
  /** How long a process waits for those that it depends on. */
  readonly dependencyMillis: number
  /** What is left of an earlier life has so long to end before the next one begins. */
  readonly earlierGraceMillis: number
  /** How many processes are started at once; the others wait their turn. */
  readonly concurrentBoots: number
  readonly rotateBytes: number
  readonly rotateCount: number
}

export const defaultBounds: Bounds = {
  bootMillis: 10_000,
  forceMillis: 5_000,
  farewellGraceMillis: 1_000,
  farewellMillis: 1_800,
  reconcileMillis: 10_000,
  dependencyMillis: 60_000,
  earlierGraceMillis: 2_000,
  concurrentBoots: 16,
  rotateBytes: 16 * 1024 * 1024,
  rotateCount: 5,
}

export interface Means {
  readonly options: Options
  readonly bounds: Bounds
  readonly kernel: Kernel
  readonly cgroups: Cgroups
  readonly launch: Launch
  /** Returns once it is in the log, or once it was given up and said so. */
  readonly report: (command: ProcessCommand) => Effect.Effect<void>
  readonly secretsOf: (process: ProcessId) => Effect.Effect<Environment | null, SecretsError>
}
