// The judgement on one communicator, and the sentence that says it.

import type { Position } from "../Brands.ts"

export type VerdictKind =
  | "mismatch"
  | "missing_rank"
  | "partial"
  | "deadlock"
  | "stuck_together"
  | "slow_arrival"
  | "slow_transfer"
  | "cannot_tell"
  | "healthy"

/** Worst first: the order in which verdicts are listed, and the first one is the answer. */
export const kindsWorstFirst: ReadonlyArray<VerdictKind> = [
  "mismatch",
  "missing_rank",
  "partial",
  "deadlock",
  "stuck_together",
  "slow_arrival",
  "slow_transfer",
  "cannot_tell",
  "healthy",
]

export interface Culprit {
  readonly rank: number
  readonly host: string | null
  readonly pid: number | null
  readonly label: string
}

export interface Verdict {
  readonly kind: VerdictKind
  readonly sentence: string
  readonly communicator: {
    readonly id: string
    readonly runId: string | null
    readonly commId: string | null
    readonly size: number
  } | null
  readonly ordinal: number | null
  readonly op: string | null
  readonly culprits: ReadonlyArray<Culprit>
  readonly waiting: ReadonlyArray<number>
  readonly ageSeconds: number | null
  readonly evidence: ReadonlyArray<Position>
  readonly confidence: number
  readonly missingEvidence: ReadonlyArray<string>
}
