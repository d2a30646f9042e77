// The job goes on, but slower than it might: one rank that keeps the others waiting, or transfers that take longer than they did.

import type { Analysis } from "./analyse.ts"
import type { Column } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import { endsBefore, type Row, rowOf, tellsOfGaps } from "./gaps.ts"
import { type Known, labelOf } from "./label.ts"
import { groupKeyOf } from "./learn.ts"
import { measure } from "./measure.ts"
import { once } from "./once.ts"
import * as OpGroup from "./OpGroup.ts"
import { duration, ranksOf } from "./sentence.ts"
import { slowArrival, type SlowRank } from "./slowArrival.ts"
import { culpritOf, evidenceOf, type Finding, nameOf } from "./Verdict.ts"

/** Of the groups that are still in use: one that was last seen so many columns ago is not. */
const inUseColumns = 256

const isWhole = (communicator: Communicator, column: Column): boolean =>
  column.present === communicator.size && column.finished === column.present && column.dissent === null

export const judgeSlow = (known: Known, analysis: Analysis, now: number): Finding | null =>
  judgeArrival(known, analysis, now) ?? judgeTransfer(analysis)

const slowRankIn = once(({ communicator, seats, columns }: Analysis): SlowRank | null => {
  const ends = endsBefore(seats)
  const tail: Array<Row> = []
  for (const column of columns) {
    const row = rowOf(column, seats, ends)
    if (tellsOfGaps(column, communicator.size) && column.flying.length === 0) tail.push(row)
  }
  return slowArrival(communicator.history, tail, seats.length)
})

const judgeArrival = (known: Known, analysis: Analysis, now: number): Finding | null => {
  const { communicator, seats, columns } = analysis
  const slow = slowRankIn(analysis)
  const seat = slow === null ? undefined : seats[slow.seat]
  if (slow === null || seat === undefined) return null
  const culprit = culpritOf(seat.rank, seat, labelOf(known, seat, now))
  const factor = slow.factor === Infinity ? "alone" : `${slow.factor.toFixed(1)} times as long as the median rank`
  const share = Math.round(100 * slow.share)
  return {
    over: false,
    direct: true,
    verdict: {
      kind: "slow_arrival",
      sentence: `${ranksOf([culprit])} computes ${factor} before each of the last ${slow.window} collectives of ${communicator.id}; ${culprit.label}; it costs the others ${share} % of their time`,
      communicator: nameOf(communicator),
      ordinal: columns.at(-1)?.ordinal ?? communicator.settled,
      op: null,
      culprits: [culprit],
      waiting: [],
      ageSeconds: null,
      evidence: evidenceOf(columns.flatMap((column) => positionAt(analysis, column, slow.seat))),
      confidence: 0.85,
      missingEvidence: [],
    },
  }
}

const positionAt = (analysis: Analysis, column: Column, seat: number): ReadonlyArray<number> => {
  const operation = analysis.seats[seat]?.collectives.operations[column.cells[seat] ?? -1]
  return operation === undefined ? [] : [operation.position]
}

interface Tail {
  readonly group: OpGroup.OpGroup
  readonly times: Array<number>
}

/** Every group with the transfer times of its whole columns that are not yet settled. */
const tailsOf = (communicator: Communicator, analysis: Analysis): Iterable<Tail> => {
  const tails = new Map<string, Tail>()
  for (const [key, group] of communicator.groups) {
    if (group.lastOrdinal >= communicator.settled - inUseColumns) tails.set(key, { group, times: [] })
  }
  for (const column of analysis.columns) {
    if (!isWhole(communicator, column)) continue
    const { transferMicros } = measure(column, analysis.seats, analysis.clocks)
    if (!(transferMicros >= 0)) continue
    const key = groupKeyOf(column.signature, communicator.size)
    const tail = tails.get(key) ?? {
      group: communicator.groups.get(key) ?? OpGroup.make(column.signature, -1),
      times: [],
    }
    tails.set(key, tail)
    tail.times.push(transferMicros)
  }
  return tails.values()
}

const judgeTransfer = once((analysis: Analysis): Finding | null => {
  const { communicator } = analysis
  let usable = 0
  const slow: Array<readonly [group: OpGroup.OpGroup, slowness: OpGroup.Slowness]> = []
  for (const { group, times } of tailsOf(communicator, analysis)) {
    const found = OpGroup.slowness(group, times)
    if (found === "too_few") continue
    usable += 1
    if (found !== "usual") slow.push([group, found])
  }
  const [worst] = [...slow].sort(([, a], [, b]) => b.factor - a.factor)
  if (worst === undefined || slow.length * 2 < usable) return null
  const [group, { factor, latestMicros, medianMicros }] = worst
  const times = `${duration(latestMicros)}, where ${duration(medianMicros)} was usual`
  return {
    over: false,
    direct: true,
    verdict: {
      kind: "slow_transfer",
      sentence: `${group.signature.op} in ${communicator.id} takes ${factor.toFixed(1)} times as long as it did (${times}), in ${slow.length} of ${usable} kinds of operation; no rank keeps the others waiting`,
      communicator: nameOf(communicator),
      ordinal: analysis.columns.at(-1)?.ordinal ?? communicator.settled,
      op: group.signature.op,
      culprits: [],
      waiting: [],
      ageSeconds: null,
      evidence: evidenceOf(analysis.columns.flatMap((column) => positionAt(analysis, column, analysis.reference))),
      confidence: 0.8,
      missingEvidence: [],
    },
  }
})
