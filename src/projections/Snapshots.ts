// Copies of past states, kept in memory so that a question about the past folds a short way only.

import type { Position } from "../domain/Brands.ts"
import * as States from "./States.ts"

/** Events between two copies, to begin with; the spacing doubles whenever the copies grow too many. */
const firstSpacing = 50_000
const maxCopies = 32

export interface Snapshots {
  readonly copies: Array<States.States>
  spacing: number
}

export const make = (): Snapshots => ({ copies: [], spacing: firstSpacing })

/** Takes a copy when the last one lies far enough back. */
export const offer = (snapshots: Snapshots, states: States.States): void => {
  const last = snapshots.copies.at(-1)?.position ?? 0
  if (states.position - last < snapshots.spacing) return
  snapshots.copies.push(States.copy(states))
  if (snapshots.copies.length <= maxCopies) return
  snapshots.spacing *= 2
  snapshots.copies.splice(0, snapshots.copies.length, ...snapshots.copies.filter((_, index) => index % 2 === 1))
}

/** A fresh copy of the latest states at or before a position; null when the fold has to begin at the start. */
export const nearest = (snapshots: Snapshots, position: Position): States.States | null => {
  let found: States.States | null = null
  for (const one of snapshots.copies) if (one.position <= position) found = one
  return found === null ? null : States.copy(found)
}
