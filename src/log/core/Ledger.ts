// What the log knows about itself while it is open: its end, its ids, its time segments and what was taken away.

import type { LogDamaged } from "../EventLog.ts"
import type { Lineage } from "./Lineage.ts"
import type { Tail, TimeSegment } from "./Tail.ts"

/** Positions whose events are gone on purpose or for a known reason. */
export interface Gap {
  readonly first: number
  readonly last: number
}

export interface Ledger {
  readonly tail: Tail
  readonly lineage: Lineage
  readonly segments: ReadonlyArray<TimeSegment>
  /** Where retention has been: telemetry from first to last is gone, actions among it are there. */
  readonly aged: Gap | null
  /** What an earlier repair could not save. */
  readonly gaps: ReadonlyArray<Gap>
}

/** Whether missing positions are accounted for; telemetry alone when only the tombstone covers them. */
export const accountsFor = (ledger: Ledger, from: number, to: number): boolean => {
  const { aged } = ledger
  if (aged !== null && from >= aged.first && to <= aged.last) return true
  const holes = aged === null ? ledger.gaps : [...ledger.gaps, aged].sort((one, other) => one.first - other.first)
  let next = from
  for (const hole of holes) {
    if (hole.first > next) continue
    next = Math.max(next, hole.last + 1)
    if (next > to) return true
  }
  return false
}

export type Damage = Pick<LogDamaged, "from" | "to" | "reason">
