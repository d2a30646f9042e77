// A rank whose process ended in the middle of things, after which the others came out of the operation with an error and nobody waits.

import type { Analysis } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import { type Known, type Label, labelOf } from "./label.ts"
import type { Seat } from "./Seat.ts"
import { call, counted, ranksOf } from "./sentence.ts"
import { culpritOf, evidenceOf, type Finding, nameOf, wholeSeconds } from "./Verdict.ts"

/** Records that were under way when the process ended have come by then. */
const graceMicros = 2e6

interface Ended {
  readonly index: number
  readonly seat: Seat
  readonly label: Label
  readonly endedAt: number
}

/** The first one to end is the cause; the others' ends follow from it. */
const firstToEnd = (known: Known, { seats }: Analysis, now: number): Ended | null => {
  let first: Ended | null = null
  for (const [index, seat] of seats.entries()) {
    const label = labelOf(known, seat, now)
    if (label.endedAt === null || label.proof !== "cannot_go_on") continue
    if (first === null || label.endedAt < first.endedAt) first = { index, seat, label, endedAt: label.endedAt }
  }
  return first
}

export const judgeAbruptEnd = (known: Known, analysis: Analysis, now: number): Finding | null => {
  const { communicator, columns, reached } = analysis
  if (known.processes.byId.size === 0) return null
  const ended = firstToEnd(known, analysis, now)
  if (ended === null || now - ended.endedAt < graceMicros) return null
  const last = reached[ended.index] ?? -1
  const inside = last >= 0 && columns[last]?.flying.includes(ended.index) === true
  const column = inside ? columns[last] : columns[last + 1]
  if (column === undefined || column.present - (inside ? 1 : 0) === 0) return null
  const culprit = culpritOf(ended.seat.rank, ended.seat, ended.label)
  const { signature, ordinal } = column
  const what = `${inside ? "never left" : "never entered"} ${call(signature.op, ordinal, signature.filename)}`
  return {
    over: false,
    direct: true,
    verdict: {
      kind: "missing_rank",
      sentence: `${ranksOf([culprit])} ${what}; ${ended.label.text}; ${counted(column.finished)} came out of it and ${counted(column.flying.length)} did not`,
      communicator: nameOf(communicator),
      ordinal,
      op: signature.op,
      culprits: [culprit],
      waiting: column.flying.flatMap((seat) => (seat === ended.index ? [] : (analysis.seats[seat]?.rank ?? []))),
      ageSeconds: wholeSeconds(now - ended.endedAt),
      evidence: evidenceOf(positionsIn(column, analysis)),
      confidence: 0.85,
      missingEvidence: [],
    },
  }
}

const positionsIn = (column: Column, { seats }: Analysis): ReadonlyArray<number> =>
  seats.flatMap((_, seat) => operationAt(seats, column, seat)?.lastPosition ?? [])
