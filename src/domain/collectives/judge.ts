// The verdict on every communicator at a moment: pure in the folded states and the time of the last committed event.

import type { Position } from "../Brands.ts"
import type { Processes } from "../processes/Processes.ts"
import type { Samples } from "../samples/Samples.ts"
import type { Collectives, Column, Communicator, Entry, RankProgress } from "./Collectives.ts"
import { labelOf } from "./label.ts"
import { type Culprit, kindsWorstFirst, type Verdict } from "./Verdict.ts"

export interface Known {
  readonly collectives: Collectives
  readonly processes: Processes
  readonly samples: Samples
}

/** Worst first; never empty: without any record the only verdict says that nothing can be told. */
export const judge = (known: Known, now: number): ReadonlyArray<Verdict> => {
  const verdicts = Array.from(known.collectives.communicators.values(), (one) => judgeOne(known, one, now))
  if (verdicts.length === 0) return [nothingReported]
  return verdicts.sort(
    (a, b) =>
      kindsWorstFirst.indexOf(a.kind) - kindsWorstFirst.indexOf(b.kind) ||
      (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0) ||
      ((a.communicator?.id ?? "") < (b.communicator?.id ?? "") ? -1 : 1),
  )
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

const judgeOne = (known: Known, communicator: Communicator, now: number): Verdict => {
  const column = waitedFor(communicator)
  if (column !== null && now - column.since >= known.collectives.hangLimitMicros) {
    return missingRank(known, communicator, column, now)
  }
  return healthy(communicator, now)
}

/** The first column that somebody waits in and somebody else has never entered. */
const waitedFor = (communicator: Communicator): Column | null => {
  let first: Column | null = null
  for (const rank of communicator.ranks.values()) {
    for (const entry of rank.inFlight.values()) {
      const column = communicator.open.get(entry.ordinal)
      if (column !== undefined && (first === null || column.ordinal < first.ordinal)) first = column
    }
  }
  return first
}

const missingRank = (known: Known, communicator: Communicator, column: Column, now: number): Verdict => {
  const waiting = waitingIn(communicator, column.ordinal)
  const culprits: Array<Culprit> = []
  for (let rank = 0; rank < communicator.size; rank++) {
    const progress = communicator.ranks.get(rank)
    if (progress !== undefined && progress.entered >= column.ordinal) continue
    culprits.push({
      rank,
      host: progress?.host ?? null,
      pid: progress?.pid ?? null,
      label: labelOf(known, progress, now),
    })
  }
  const unheard = culprits.filter((culprit) => !communicator.ranks.has(culprit.rank))
  return {
    kind: "missing_rank",
    sentence: sentenceOf(culprits, column, waiting.length),
    communicator: nameOf(communicator),
    ordinal: column.ordinal,
    op: column.op,
    culprits,
    waiting: waiting.map(({ rank }) => rank.rank),
    ageSeconds: wholeSeconds(now - column.since),
    evidence: evidenceOf(communicator, culprits, waiting),
    confidence: unheard.length === 0 ? 0.9 : 0.6,
    missingEvidence: unheard.map((culprit) => `any record of rank ${culprit.rank}`),
  }
}

interface Waiting {
  readonly rank: RankProgress
  readonly entry: Entry
}

const waitingIn = (communicator: Communicator, ordinal: number): ReadonlyArray<Waiting> => {
  const found: Array<Waiting> = []
  for (const rank of communicator.ranks.values()) {
    for (const entry of rank.inFlight.values()) if (entry.ordinal === ordinal) found.push({ rank, entry })
  }
  return found.sort((a, b) => a.rank.rank - b.rank.rank)
}

/** Where the waiting ranks entered, and the last that was heard of the culprits. */
const evidenceOf = (
  communicator: Communicator,
  culprits: ReadonlyArray<Culprit>,
  waiting: ReadonlyArray<Waiting>,
): ReadonlyArray<Position> => {
  const positions = waiting.map(({ entry }) => entry.startPosition)
  for (const culprit of culprits) {
    const progress = communicator.ranks.get(culprit.rank)
    if (progress !== undefined) positions.push(progress.lastPosition)
  }
  return positions.sort((a, b) => a - b).slice(0, 64)
}

const healthy = (communicator: Communicator, now: number): Verdict => {
  let flying = 0
  let since = now
  for (const rank of communicator.ranks.values()) {
    flying += rank.inFlight.size
    for (const entry of rank.inFlight.values()) since = Math.min(since, entry.arrivedAt)
  }
  const done = communicator.complete === 0 ? "none entered by all yet" : `#${communicator.complete} entered by all`
  const ranks = `${communicator.ranks.size} of ${communicator.size} ranks report`
  const flight = flying === 0 ? "nothing in flight" : `${flying} in flight for ${wholeSeconds(now - since)} s`
  return {
    kind: "healthy",
    sentence: `healthy: ${ranks} in ${communicator.id}; ${done}; ${flight}`,
    communicator: nameOf(communicator),
    ordinal: communicator.complete === 0 ? null : communicator.complete,
    op: null,
    culprits: [],
    waiting: [],
    ageSeconds: flying === 0 ? null : wholeSeconds(now - since),
    evidence: [],
    confidence: communicator.ranks.size === communicator.size ? 0.9 : 0.5,
    missingEvidence:
      communicator.ranks.size === communicator.size
        ? []
        : [`records of ${communicator.size - communicator.ranks.size} of ${communicator.size} ranks`],
  }
}

const nameOf = (communicator: Communicator): Verdict["communicator"] => ({
  id: communicator.id,
  runId: communicator.runId,
  commId: communicator.commId,
  size: communicator.size,
})

const sentenceOf = (culprits: ReadonlyArray<Culprit>, column: Column, waiting: number): string => {
  const source = column.filename === "" ? "" : ` of ${column.filename}`
  const what = `never entered ${column.op} #${column.ordinal}${source}`
  const wait = `${waiting} ${waiting === 1 ? "rank waits" : "ranks wait"}`
  const [only] = culprits
  if (culprits.length === 1 && only !== undefined) {
    return `rank ${only.rank}${whereabouts(only)} ${what}; ${only.label}; ${wait}`
  }
  const named = culprits.slice(0, 8).map((culprit) => `${culprit.rank}${whereabouts(culprit)}`)
  const more = culprits.length > named.length ? ` and ${culprits.length - named.length} more` : ""
  return `ranks ${named.join(", ")}${more} ${what}; ${wait}`
}

const whereabouts = (culprit: Culprit): string => {
  const parts = [culprit.pid === null ? null : `pid ${culprit.pid}`, culprit.host].filter((part) => part !== null)
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`
}

const wholeSeconds = (micros: number): number => Math.max(0, Math.floor(micros / 1e6))
