// What became of a process while no agent was there: judged from the log, its directory and the kernel.

import type { ManagedProcess } from "../../domain/processes/Processes.ts"
import { type FailureRecord, type IdentityRecord, type StatusRecord, sentenceOf } from "./LifeDirectory.ts"
import * as Ward from "./Ward.ts"

/** What the log says of it. */
export type Known = Pick<ManagedProcess, "identity" | "stop">

/** What the world says of it. */
export interface Facts {
  readonly identity: IdentityRecord | null
  readonly failure: FailureRecord | null
  readonly status: StatusRecord | null
  readonly lives: { readonly main: boolean; readonly shim: boolean }
}

export type Fate =
  | { readonly _tag: "NeverBooted"; readonly reason: string }
  | { readonly _tag: "Living"; readonly root: Ward.Root }
  | { readonly _tag: "Ended"; readonly root: Ward.Root; readonly status: StatusRecord | null }

/** The shim's record knows more than the log; where it is lost, the log's identity is enough to find the process again. */
export const rootOf = (known: Known, record: IdentityRecord | null): Ward.Root | null => {
  if (record !== null) return Ward.rootOf(record)
  return known.identity === null ? null : { identity: known.identity, shim: null }
}

export const fateOf = (known: Known, facts: Facts): Fate => {
  const root = rootOf(known, facts.identity)
  if (root === null) {
    const { failure } = facts
    return {
      _tag: "NeverBooted",
      reason: failure === null ? "the agent ended before the process was started" : sentenceOf(failure),
    }
  }
  // A stop under way is over when the tree is gone, not when its first process is.
  if (facts.lives.main || (known.stop !== null && facts.lives.shim)) return { _tag: "Living", root }
  return { _tag: "Ended", root, status: facts.status }
}
