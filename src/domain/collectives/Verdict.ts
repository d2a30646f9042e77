// The judgement on one communicator, and the sentence that says it.

import type { Position } from "../Brands.ts"
import type { Communicator } from "./Communicator.ts"
import type { Examined } from "./examined.ts"
import type { Label } from "./label.ts"
import type { Seat } from "./Seat.ts"

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
  /** Close looks at the processes that it is about. */
  readonly examined?: ReadonlyArray<Examined>
}

/** One communicator's verdict on its way into the list: over is what the job went on after, direct what needs no other communicator. */
export interface Finding {
  readonly verdict: Verdict
  readonly over: boolean
  readonly direct: boolean
}

export const nameOf = (communicator: Communicator): Verdict["communicator"] => ({
  id: communicator.id,
  runId: communicator.runId,
  commId: communicator.commId,
  size: communicator.size,
})

export const culpritOf = (rank: number, seat: Seat | null, label: Label): Culprit => ({
  rank,
  host: seat?.host ?? null,
  pid: seat?.pid ?? null,
  label: label.text,
})

const maxEvidence = 64

/** The earliest of the positions, each once. */
export const evidenceOf = (positions: Iterable<number>): ReadonlyArray<Position> =>
  Array.from(new Set(positions))
    .filter((position) => position > 0)
    .sort((a, b) => a - b)
    .slice(0, maxEvidence) as Array<Position>

export const wholeSeconds = (micros: number): number => Math.max(0, Math.floor(micros / 1e6))
