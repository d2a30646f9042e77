// The verdict on every communicator at a moment: pure in the folded states and the time of the last committed event.

import { judgeAbruptEnd } from "./abruptEnd.ts"
import { analyse, analyseBriefly, type Analysis } from "./analyse.ts"
import type { Collectives } from "./Collectives.ts"
import type { Communicator } from "./Communicator.ts"
import { judgeHang } from "./hang.ts"
import type { Known as KnownProcesses } from "./label.ts"
import { groupKeyOf } from "./learn.ts"
import { lossRate } from "./losses.ts"
import { judgeMismatch } from "./mismatch.ts"
import { judgeQuiet, judgeUnknown, unplaceable } from "./quiet.ts"
import { quantile } from "./Sketch.ts"
import { judgeSlow } from "./slow.ts"
import { evidenceOf, type Finding, kindsWorstFirst, type Verdict } from "./Verdict.ts"
import { byProcess, type WaitsByProcess } from "./waitGraph.ts"
import { type Wait, waitsOf } from "./waits.ts"

export interface Known extends KnownProcesses {
  readonly collectives: Collectives
}

/** A hang may be told from a long operation by ten times what is long for its kind. */
const tailFactor = 10
/** From so many start records expected to be lost in one column on, an absent record names nobody. */
const lossyColumn = 0.02

/** Worst first; never empty: without any record the only verdict says that nothing can be told. */
export const judge = (known: Known, now: number): ReadonlyArray<Verdict> => {
  const communicators = Array.from(known.collectives.communicators.values()).filter(({ seats }) => seats.size > 0)
  if (communicators.length === 0) return [nothingPlaced(known.collectives)]
  const busy = pendingIn(communicators) > briefAbove
  const limit = known.collectives.hangLimitMicros
  const cases = communicators.map((communicator): Case => {
    const brief = busy && isRunning(communicator, now, limit)
    const analysis = brief ? analyseBriefly(communicator) : analyse(communicator)
    return { communicator, analysis, waits: waitsOf(analysis) }
  })
  const all = byProcess(cases.flatMap(({ waits }) => waits))
  return cases
    .map((one) => judgeOne(known, one, all, now))
    .sort(byGravity)
    .map(({ verdict }) => withExamined(known.collectives, verdict))
}

/** What was seen of its ranks' processes since the operation that it is about began. */
const withExamined = ({ examined, communicators }: Collectives, verdict: Verdict): Verdict => {
  if (examined.size === 0 || verdict.kind === "healthy") return verdict
  const seats = communicators.get(verdict.communicator?.id ?? "")?.seats
  const ranks = new Set([...verdict.culprits.map(({ rank }) => rank), ...verdict.waiting])
  const since = Math.min(...verdict.evidence)
  const looks = Array.from(ranks).flatMap((rank) => {
    const look = examined.get(seats?.get(rank)?.pid ?? -1)
    return look !== undefined && look.rank === rank && look.position > since ? [look] : []
  })
  if (looks.length === 0) return verdict
  return {
    ...verdict,
    examined: looks,
    evidence: evidenceOf([...verdict.evidence, ...looks.map((look) => look.position)]),
  }
}

interface Case {
  readonly communicator: Communicator
  readonly analysis: Analysis
  readonly waits: ReadonlyArray<Wait>
}

/**
 * With more operations than this to align, those communicators that are plainly running are judged by what is settled, a few dozen
 * collectives ago: the question is asked every second, and whoever comes to rest is looked at in full.
 */
const briefAbove = 20_000
const restMicros = 2e6

const pendingIn = (communicators: ReadonlyArray<Communicator>): number => {
  let pending = 0
  for (const { seats } of communicators) {
    for (const { collectives } of seats.values()) pending += collectives.operations.length
  }
  return pending
}

/** Records keep coming, and no rank has been in one operation for as long as a hang. */
const isRunning = (communicator: Communicator, now: number, limitMicros: number): boolean => {
  if (now - communicator.lastArrival >= restMicros || communicator.settled === 0) return false
  for (const { collectives, transfers } of communicator.seats.values()) {
    for (const { operations } of [collectives, transfers]) {
      const last = operations.at(-1)
      if (last !== undefined && !last.finished && now - last.arrivedAt >= limitMicros) return false
    }
  }
  return true
}

/** What the job went on after is less grave than what stands; a root cause comes before those who suffer from it. */
const byGravity = (a: Finding, b: Finding): number =>
  gravityOf(a) - gravityOf(b) ||
  Number(b.direct) - Number(a.direct) ||
  (b.verdict.ageSeconds ?? 0) - (a.verdict.ageSeconds ?? 0) ||
  (b.verdict.communicator?.size ?? 0) - (a.verdict.communicator?.size ?? 0) ||
  ((a.verdict.communicator?.id ?? "") < (b.verdict.communicator?.id ?? "") ? -1 : 1)

const gravityOf = ({ verdict, over }: Finding): number =>
  over && verdict.kind === "mismatch"
    ? kindsWorstFirst.indexOf("stuck_together") + 0.5
    : kindsWorstFirst.indexOf(verdict.kind)

const nothingPlaced = (state: Collectives): Verdict => {
  const missing = unplaceable(state)
  if (missing.length === 0) return nothingReported
  const sentence =
    "cannot tell: records arrive, and none says which rank of how many it is of (context_rank, context_size)"
  return { ...nothingReported, sentence, missingEvidence: missing }
}

const nothingReported: Verdict = {
  kind: "cannot_tell",
  sentence: "no collective operation has been reported yet",
  communicator: null,
  ordinal: null,
  op: null,
  culprits: [],
  waiting: [],
  ageSeconds: null,
  evidence: [],
  confidence: 0,
  missingEvidence: ["records of collectives: none has arrived"],
}

const judgeOne = (known: Known, { communicator, analysis, waits }: Case, all: WaitsByProcess, now: number): Finding => {
  const limitMicros = known.collectives.hangLimitMicros
  const rate = lossRate(analysis)
  const anyLoss = rate > 0 ? `${(100 * rate).toFixed(1)} % of the records are lost` : null
  const lossy = rate * communicator.size >= lossyColumn ? anyLoss : null
  if (communicator.membership === "unknown") return judgeUnknown(known.collectives, communicator, analysis, now)
  const mismatch = judgeMismatch({ known, now, communicator, analysis, limitMicros, lossy })
  if (mismatch !== null && !mismatch.over) return mismatch
  const old = waits.filter((wait) => now - wait.since >= limitMicros && now - wait.since >= tailFactor * usual(wait))
  return (
    judgeHang({ known, now, communicator, old, all, lossy, anyLoss }) ??
    (waits.length === 0 ? judgeAbruptEnd(known, analysis, now) : null) ??
    mismatch ??
    judgeSlow(known, analysis, now) ??
    judgeQuiet(known.collectives, communicator, analysis, 100 * rate, now)
  )
}

/** p99 of the transfers of its kind, µs: what takes long by nature is waited for longer. */
const usual = ({ communicator, operation }: Wait): number => {
  const group = communicator.groups.get(groupKeyOf(operation.signature, communicator.size))
  return group === undefined || group.transfer.count === 0 ? 0 : quantile(group.transfer, 0.99)
}
