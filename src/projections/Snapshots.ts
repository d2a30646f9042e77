// Kept states of the past, so that a start and a question about the past fold a short way only.

import type { Effect } from "effect"
import type { Position } from "../domain/Brands.ts"
import type * as States from "./States.ts"

/** Events between two kept states: a fold of so many takes a tenth of a second at most. */
export const spacing = 20_000

export interface Snapshots {
  /** Whether the last kept state lies far enough back. Asked often: costs a comparison. */
  readonly due: (states: States.States) => boolean
  /** Keeps a copy; a failure costs only time later and is not the caller's affair. */
  readonly keep: (states: States.States) => Effect.Effect<void>
  /** A fresh copy of the latest kept states at or before a position; null when the fold begins at the start. */
  readonly nearest: (position: Position) => Effect.Effect<States.States | null>
}
