// What crosses the wire about collectives: the verdict at GET /v1/ccl/verdict, the same bytes live, offline and at a past moment.

import { Schema } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { Examined } from "../domain/collectives/examined.ts"
import type { Verdict } from "../domain/collectives/Verdict.ts"
import { ticksPerSecond } from "../domain/samples/Samples.ts"

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

/** A close look at one process, taken when the verdict turned bad. */
const ExaminedProcess = Schema.Struct({
  rank: Schema.Int,
  pid: Schema.Int,
  position: Schema.Int,
  state: Schema.NullOr(Schema.String),
  wait_channel: Schema.NullOr(Schema.String),
  kernel_stack: Schema.Array(Schema.String),
  /** Processor time over the quick looks, as a share of one core; null where there was one look only. */
  cpu_percent: Schema.NullOr(Schema.Number),
  output: Schema.Array(Schema.String),
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
  examined: Schema.Array(ExaminedProcess),
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
  examined: (verdict.examined ?? []).map(examinedRow),
})

const examinedRow = (look: Examined): typeof ExaminedProcess.Type => ({
  rank: look.rank,
  pid: look.pid,
  position: look.position,
  state: look.state,
  wait_channel: look.waitChannel,
  kernel_stack: look.kernelStack,
  cpu_percent: cpuPercentOf(look),
  output: look.output,
})

const cpuPercentOf = ({ looks }: Examined): number | null => {
  const [first, last] = [looks[0], looks.at(-1)]
  if (first === undefined || last === undefined || last[0] === first[0]) return null
  const seconds = (last[0] - first[0]) / 1000
  return Math.round((100 * (last[2] - first[2])) / ticksPerSecond / seconds)
}

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
