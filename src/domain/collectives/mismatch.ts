// Ranks that do not do the same: another signature in one column, or a column that nobody left and some passed over.

import { type Analysis, passedBy } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Communicator, Mismatch } from "./Communicator.ts"
import { type Known, labelOf } from "./label.ts"
import { once } from "./once.ts"
import { call, counted, labelsOf, ranksOf, waits } from "./sentence.ts"
import { isTimely } from "./timely.ts"
import { mismatchOf } from "./settle.ts"
import { culpritOf, evidenceOf, type Finding, nameOf, type Verdict, wholeSeconds } from "./Verdict.ts"

/** A record that came out of order makes a difference that the next moment takes back. */
const graceMicros = 2e6
/** With so many columns mixed, it is the matching that failed. */
const mixedShare = 0.25
const mixedAtLeast = 4

export interface Suspects {
  readonly known: Known
  readonly now: number
  readonly communicator: Communicator
  readonly analysis: Analysis
  readonly limitMicros: number
  readonly lossy: string | null
}

/** Columns whose ranks disagree, those left out whose counts differ by habit. */
const mixedColumns = once((analysis: Analysis): ReadonlyArray<Column> => {
  const { communicator } = analysis
  const mixed = analysis.columns.filter((column) => column.dissent !== null)
  return mixed.filter(({ dissent, signature }) => {
    if (dissent?.difference !== "count") return true
    const alike = analysis.columns.filter((column) => column.signature.op === signature.op)
    const uneven = alike.filter(
      (column) => column.dissent?.difference === "count" && column.finished === column.present,
    )
    const settled = communicator.kinds.get(signature.op) ?? { columns: 0, unevenCounts: 0 }
    const count = uneven.length + settled.unevenCounts
    return count < mixedAtLeast || count < mixedShare * (alike.length + settled.columns)
  })
})

export const judgeMismatch = (suspects: Suspects): Finding | null => {
  const { communicator, analysis, now } = suspects
  const mixed = mixedColumns(analysis)
  const columns = communicator.settled + analysis.columns.length
  const count = mixed.length + communicator.mixed
  if (count >= mixedAtLeast && count > mixedShare * columns) return failed(suspects, count, columns)
  const ripe = mixed
    .filter((column) => suspects.lossy === null || isTimely(column, analysis))
    .flatMap((column) => {
      const mismatch = mismatchOf(column, analysis.seats)
      return mismatch !== null && now - mismatch.at >= Math.min(graceMicros, suspects.limitMicros)
        ? [{ column, mismatch }]
        : []
    })
  const current = ripe.find(({ column }) => column.finished < column.present)
  if (current !== undefined) return disagreement(suspects, current.mismatch, current.column)
  const past = communicator.mismatches[0] ?? ripe[0]?.mismatch
  return past === undefined ? passedOver(suspects) : (passedOver(suspects) ?? disagreement(suspects, past, null))
}

const failed = (suspects: Suspects, count: number, columns: number): Finding => ({
  over: true,
  direct: true,
  verdict: {
    ...blank(suspects),
    sentence: `cannot tell: the records do not fit together, ranks disagree on ${count} of ${counted(columns, "collective")}`,
    confidence: 0.2,
    missingEvidence: ["what tells the collectives of different communicators apart (comm_id)"],
  },
})

const disagreement = (suspects: Suspects, mismatch: Mismatch, column: Column | null): Finding => {
  const { communicator, known, now } = suspects
  const culprits = mismatch.ranks.map((rank) => {
    const seat = communicator.seats.get(rank) ?? null
    return culpritOf(rank, seat, labelOf(known, seat, now))
  })
  const what = call(mismatch.op, mismatch.ordinal, mismatch.filename)
  const others = `the other ${counted(mismatch.others)} ${mismatch.difference === "op" ? "called" : "with"} ${mismatch.expected}`
  const how = mismatch.difference === "op" ? `called ${mismatch.found} where` : `called ${what} with ${mismatch.found},`
  const tie = `ranks disagree on ${what}: ${mismatch.expected} against ${mismatch.found}, and neither is in the majority`
  const where = mismatch.difference === "op" ? ` (${what})` : ""
  const waiting = column === null ? [] : ranksAt(suspects, column.flying)
  const wait = waiting.length === 0 ? "; the job went on" : `; ${waits(waiting.length)}`
  return {
    over: column === null,
    direct: true,
    verdict: {
      ...blank(suspects),
      kind: "mismatch",
      sentence: culprits.length === 0 ? tie + wait : `${ranksOf(culprits)} ${how} ${others}${where}${wait}`,
      ordinal: mismatch.ordinal,
      op: mismatch.op,
      culprits,
      waiting,
      ageSeconds: wholeSeconds(now - mismatch.at),
      evidence: evidenceOf(mismatch.positions),
      confidence: culprits.length === 0 ? 0.6 : 0.9,
    },
  }
}

/** A column in which some wait for others that have gone on to later ones: one call too few there, or one too many here. */
const passedOver = (suspects: Suspects): Finding | null => {
  const { analysis, now, limitMicros } = suspects
  for (const [index, column] of analysis.columns.entries()) {
    if (column.flying.length === 0) continue
    const passed = passedBy(analysis, column, index)
    if (passed.length === 0) continue
    const since = Math.min(...column.flying.map((seat) => operationAt(analysis.seats, column, seat)?.arrivedAt ?? now))
    if (now - since >= limitMicros)
      return suspects.lossy === null ? oneCall(suspects, column, passed, since) : lost(suspects, column, since)
  }
  return null
}

/** Whoever seems to have passed it may have been in it, without a record that says so. */
const lost = (suspects: Suspects, column: Column, since: number): Finding => {
  const { signature, ordinal } = column
  const why = suspects.lossy ?? ""
  const waiting = ranksAt(suspects, column.flying)
  return {
    over: false,
    direct: true,
    verdict: {
      ...blank(suspects),
      sentence: `cannot tell who passed over ${call(signature.op, ordinal, signature.filename)}: ${why}; ${waits(waiting.length)}`,
      ordinal,
      op: signature.op,
      waiting,
      ageSeconds: wholeSeconds(suspects.now - since),
      confidence: 0.3,
      missingEvidence: [why],
    },
  }
}

const oneCall = (suspects: Suspects, column: Column, passed: ReadonlyArray<number>, since: number): Finding => {
  const { analysis, known, now } = suspects
  const tooFew = passed.length < column.present
  const odd = passed.length === column.present ? [] : tooFew ? passed : column.flying
  const culprits = odd.flatMap((seat) => {
    const own = analysis.seats[seat]
    return own === undefined ? [] : [culpritOf(own.rank, own, labelOf(known, own, now))]
  })
  const { signature } = column
  const what = call(signature.op, column.ordinal, signature.filename)
  const waiting = ranksAt(suspects, column.flying)
  const verb = tooFew
    ? `passed over ${what}, one call too few`
    : `called ${what}, which the others passed over: one call too many`
  const who = culprits.length === 0 ? `as many ranks passed over ${what} as called it` : `${ranksOf(culprits)} ${verb}`
  return {
    over: false,
    direct: true,
    verdict: {
      ...blank(suspects),
      kind: "mismatch",
      sentence: `${who}${labelsOf(culprits)}; ${waits(waiting.length)}`,
      ordinal: column.ordinal,
      op: signature.op,
      culprits,
      waiting,
      ageSeconds: wholeSeconds(now - since),
      evidence: evidenceOf(analysis.seats.map((_, seat) => operationAt(analysis.seats, column, seat)?.position ?? 0)),
      confidence: culprits.length === 0 ? 0.5 : 0.8,
    },
  }
}

const ranksAt = ({ analysis }: Suspects, seats: ReadonlyArray<number>): ReadonlyArray<number> =>
  seats.flatMap((seat) => analysis.seats[seat]?.rank ?? []).sort((a, b) => a - b)

const blank = ({ communicator }: Suspects): Verdict => ({
  kind: "cannot_tell",
  sentence: "",
  communicator: nameOf(communicator),
  ordinal: null,
  op: null,
  culprits: [],
  waiting: [],
  ageSeconds: null,
  evidence: [],
  confidence: 0.5,
  missingEvidence: [],
})
