// Nobody waits too long: healthy, or nothing can be told because records are missing.

import type { Analysis } from "./analyse.ts"
import type { Collectives } from "./Collectives.ts"
import type { Communicator } from "./Communicator.ts"
import { once } from "./once.ts"
import { isBlocking } from "./Process.ts"
import { numbersOf } from "./sentence.ts"
import { evidenceOf, type Finding, nameOf, wholeSeconds } from "./Verdict.ts"

/** Collectives that others left without a record of this rank: then its reporter, not the rank, is what is missing. */
const silentColumns = 8

/** Ranks that must have been in the latest collectives, and of which no record came. */
const silentRanks = once(({ seats, columns, reached }: Analysis): ReadonlyArray<number> =>
  seats.flatMap((seat, index) => {
    const later = columns.slice((reached[index] ?? -1) + 1)
    const unheard = later.filter(({ finished, signature }) => finished > 0 && signature.kind.shape === "all_to_all")
    return unheard.length >= silentColumns ? [seat.rank] : []
  }),
)

export const judgeQuiet = (
  state: Collectives,
  communicator: Communicator,
  analysis: Analysis,
  lossPercent: number,
  now: number,
): Finding => {
  const silent = silentRanks(analysis)
  const missing = missingEvidence(state, communicator, lossPercent)
  if (silent.length > 0) {
    const why = `the reporter of ${numbersOf(silent)} fell silent while the others went on`
    return finding(communicator, analysis, now, `cannot tell: ${why}`, "cannot_tell", 0.4, [why, ...missing])
  }
  const whole = communicator.seats.size === communicator.size
  return finding(
    communicator,
    analysis,
    now,
    healthySentence(communicator, analysis, now),
    "healthy",
    whole ? 0.9 : 0.5,
    missing,
  )
}

/** Two reporters claim one rank, and nothing yet tells which of them belongs to whom. */
export const judgeUnknown = (
  state: Collectives,
  communicator: Communicator,
  analysis: Analysis,
  now: number,
): Finding => {
  const why =
    "several reporters claim the same ranks, and what tells their communicators apart (comm_id, run_id) is not sent"
  const missing = [why, ...missingEvidence(state, communicator, 0)]
  return finding(communicator, analysis, now, `cannot tell yet: ${why}`, "cannot_tell", 0.2, missing)
}

const missingEvidence = (
  state: Collectives,
  communicator: Communicator,
  lossPercent: number,
): ReadonlyArray<string> => {
  const missing: Array<string> = []
  const unheard = communicator.size - communicator.seats.size
  if (unheard > 0) missing.push(`records of ${unheard} of ${communicator.size} ranks`)
  if (communicator.approximate)
    missing.push("the beginning of the job: collectives are counted from where all ranks are there")
  if (lossPercent >= 0.1) missing.push(`${lossPercent.toFixed(1)} % of the records, which were lost`)
  if (state.dropped > 0) missing.push(`${state.dropped} records that the agent had to drop`)
  return [...missing, ...unplaceable(state)]
}

/** Records that were taken and tell nothing: nobody knows whose they are. */
export const unplaceable = ({ refused }: Collectives): ReadonlyArray<string> => {
  const missing: Array<string> = []
  if (refused.unplaced > 0) missing.push(`the rank or the size in ${refused.unplaced} records, which do not name them`)
  if (refused.outOfRange > 0) missing.push(`whose the ${refused.outOfRange} records are that name no possible rank`)
  return missing
}

interface Flying {
  readonly count: number
  readonly since: number
  readonly positions: ReadonlyArray<number>
}

const flyingIn = ({ seats }: Analysis): Flying => {
  let count = 0
  let since = Infinity
  const positions: Array<number> = []
  for (const { collectives, transfers, process } of seats) {
    for (const { operations } of [collectives, transfers]) {
      const last = operations.at(-1)
      if (
        last === undefined ||
        last.finished ||
        (last.timed && isBlocking(process) && process.latestStart > last.start)
      )
        continue
      count += 1
      since = Math.min(since, last.arrivedAt)
      positions.push(last.position)
    }
  }
  return { count, since, positions }
}

/** The latest column that every rank has entered; 0 for none. */
const enteredByAll = (communicator: Communicator, analysis: Analysis): number =>
  analysis.columns.findLast((column) => column.present === communicator.size)?.ordinal ?? communicator.settled

const healthySentence = (communicator: Communicator, analysis: Analysis, now: number): string => {
  const entered = enteredByAll(communicator, analysis)
  const done = entered === 0 ? "none entered by all yet" : `#${entered} entered by all`
  const { count, since } = flyingIn(analysis)
  const flight = count === 0 ? "nothing in flight" : `${count} in flight for ${wholeSeconds(now - since)} s`
  return `healthy: ${communicator.seats.size} of ${communicator.size} ranks report in ${communicator.id}; ${done}; ${flight}`
}

const finding = (
  communicator: Communicator,
  analysis: Analysis,
  now: number,
  sentence: string,
  kind: "healthy" | "cannot_tell",
  confidence: number,
  missing: ReadonlyArray<string>,
): Finding => {
  const { count, since, positions } = flyingIn(analysis)
  const entered = enteredByAll(communicator, analysis)
  return {
    over: false,
    direct: true,
    verdict: {
      kind,
      sentence,
      communicator: nameOf(communicator),
      ordinal: entered === 0 ? null : entered,
      op: null,
      culprits: [],
      waiting: [],
      ageSeconds: count === 0 ? null : wholeSeconds(now - since),
      evidence: evidenceOf(positions),
      confidence,
      missingEvidence: missing,
    },
  }
}
