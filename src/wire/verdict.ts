// What crosses the wire about collectives: the verdict at GET /v1/ccl/verdict, the same bytes live, offline and at a past moment.

import { Schema } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { Verdict } from "../domain/collectives/Verdict.ts"

export const VerdictKind = Schema.Literal(
  "healthy",
  "mismatch",
  "missing_rank",
  "partial",
  "deadlock",
  "stuck_together",
  "slow_arrival",
  "slow_transfer",
  "cannot_tell",
)
export type VerdictKind = typeof VerdictKind.Type

export const Culprit = Schema.Struct({
  rank: Schema.Int,
  host: Schema.NullOr(Schema.String),
  pid: Schema.NullOr(Schema.Int),
  /** What the rest of the log knows of it: "exited (signal 9)", "stopped", "silent", "unknown" … */
  label: Schema.String,
})

export const CommunicatorVerdict = Schema.Struct({
  verdict: VerdictKind,
  sentence: Schema.String,
  communicator: Schema.NullOr(
    Schema.Struct({
      id: Schema.String,
      run_id: Schema.NullOr(Schema.String),
      comm_id: Schema.NullOr(Schema.String),
      size: Schema.Int,
    }),
  ),
  ordinal: Schema.NullOr(Schema.Int),
  op: Schema.NullOr(Schema.String),
  culprits: Schema.Array(Culprit),
  waiting: Schema.Array(Schema.Int),
  age_seconds: Schema.NullOr(Schema.Number),
  evidence: Schema.Array(Schema.Int),
  confidence: Schema.Number,
  missing_evidence: Schema.Array(Schema.String),
})
export type CommunicatorVerdict = typeof CommunicatorVerdict.Type

export const VerdictAnswer = Schema.Struct({
  ...CommunicatorVerdict.fields,
  position: Schema.Int,
  /** Every communicator's, worst first. */
  all: Schema.Array(CommunicatorVerdict),
})
export type VerdictAnswer = typeof VerdictAnswer.Type

const communicatorVerdict = (verdict: Verdict): CommunicatorVerdict => ({
  verdict: verdict.kind,
  sentence: verdict.sentence,
  communicator:
    verdict.communicator === null
      ? null
      : {
          id: verdict.communicator.id,
          run_id: verdict.communicator.runId,
          comm_id: verdict.communicator.commId,
          size: verdict.communicator.size,
        },
  ordinal: verdict.ordinal,
  op: verdict.op,
  culprits: verdict.culprits,
  waiting: verdict.waiting,
  age_seconds: verdict.ageSeconds,
  evidence: verdict.evidence,
  confidence: verdict.confidence,
  missing_evidence: verdict.missingEvidence,
})

/** The answer to GET /v1/ccl/verdict; `verdicts` are worst first and never empty. */
export const verdictAnswer = (verdicts: ReadonlyArray<Verdict>, position: Position): VerdictAnswer => {
  const all = verdicts.map(communicatorVerdict)
  const [worst] = all
  if (worst === undefined) throw new Error("judge gave no verdict at all")
  return { ...worst, position, all }
}

export {
  CommunicatorsAnswer,
  communicatorsAnswer,
  MatrixAnswer,
  matrixAnswer,
  RanksAnswer,
  ranksAnswer,
} from "./ccl-answers.ts"
export { CoarseOperationsAnswer, coarseAnswer, OperationsAnswer, operationRow } from "./ccl-operations.ts"
export { StatisticsAnswer, statisticsAnswer, WaitsAnswer, waitsAnswer } from "./ccl-statistics.ts"
