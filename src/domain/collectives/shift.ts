// Where two ranks' clocks lie against each other, before anything is known: the shift under which most of their ends coincide.

import { type Clock, fit } from "./Clock.ts"
import { medianOf } from "./numbers.ts"
import type { Operation } from "./Operation.ts"
import type { Comparison, Signature } from "./Signature.ts"

/** Operations that nobody leaves before all have come, and their ends, in order. */
export interface Ends {
  readonly signatures: ReadonlyArray<Signature>
  readonly times: ReadonlyArray<number>
}

/** Which ends may be one: those of the same kind, or, where counts do not differ by habit, only those of the same count. */
export type Likeness = (one: Signature | undefined, other: Signature | undefined) => boolean

export const sameKind: Likeness = (one, other) => one?.op === other?.op
export const sameCount =
  (comparison: Comparison): Likeness =>
  (one, other) =>
    one === other ||
    (one !== undefined &&
      other !== undefined &&
      one.op === other.op &&
      (one.count === other.count || !comparison.counts(one.kind)))

/** Ends of so many operations suffice; more only cost. */
const maxEnds = 64
/** How many operations one log may begin before the other. */
const reach = 12
const jitterMicros = 300
const driftAllowed = 2e-4
/** Shifts are looked for by a wide and by narrower windows: the wide one alone takes a neighbouring beat for the same. */
const sharpness: ReadonlyArray<number> = [1, 1 / 4, 1 / 16]
const minTolerance = 30

export const endsOf = (operations: ReadonlyArray<Operation>): Ends => {
  const signatures: Array<Signature> = []
  const times: Array<number> = []
  for (const operation of operations) {
    if (times.length >= maxEnds) break
    if (!operation.timed || operation.signature.kind.shape !== "all_to_all" || !(operation.end > 0)) continue
    signatures.push(operation.signature)
    times.push(operation.end)
  }
  return { signatures, times }
}

/** How far ends may lie apart and still be one; null where operations follow each other too fast to tell. */
export const toleranceOf = (ends: Ends): number | null => {
  const { times } = ends
  const [first] = times
  const last = times.at(-1)
  if (first === undefined || last === undefined || times.length < 3) return null
  const period = medianOf(times.slice(1).map((time, index) => time - (times[index] ?? time)))
  const wanted = jitterMicros + driftAllowed * (last - first)
  return Math.min(wanted, period / 3) >= minTolerance ? Math.min(wanted, period / 3) : null
}

/** Ends of `own` that find a like end in `reference` under a shift. */
export const coincidences = (own: Ends, reference: Ends, shift: number, tolerance: number, alike: Likeness): number => {
  let count = 0
  let other = 0
  for (const [index, time] of own.times.entries()) {
    while (other < reference.times.length && (reference.times[other] ?? 0) < time + shift - tolerance) other += 1
    const near = (reference.times[other] ?? Infinity) <= time + shift + tolerance
    if (near && alike(reference.signatures[other], own.signatures[index])) count += 1
  }
  return count
}

/**
 * The same clock, and the same number of operations since the beginning, are believed before a shift that explains hardly more:
 * a program of even beat fits everywhere.
 */
export const findClock = (own: Ends, reference: Ends, alike: Likeness): Clock | null =>
  findClockBy(own, reference, alike) ?? findClockBy(own, reference, sameKind)

const findClockBy = (own: Ends, reference: Ends, alike: Likeness): Clock | null => {
  const tolerance = toleranceOf(reference)
  const enough = Math.max(4, 0.6 * Math.min(own.times.length, reference.times.length))
  if (tolerance === null || own.times.length < 4) return null
  const byNumber = medianOf(own.times.map((time, index) => (reference.times[index] ?? Number.NaN) - time))
  const found = [
    0,
    byNumber,
    ...sharpness.map((share) => bestShift(own, reference, Math.max(minTolerance, tolerance * share), alike)),
  ]
    .map((shift) => ({
      votes: coincidences(own, reference, shift, tolerance, alike),
      clock: fitAt(own, reference, shift, tolerance),
    }))
    .filter(({ votes }) => votes >= enough)
  const most = Math.max(...found.map(({ votes }) => votes))
  const fitting = found.filter(({ votes }) => votes >= 0.85 * most)
  const sharpest = Math.min(...fitting.map(({ clock }) => clock?.uncertainty ?? Infinity))
  return fitting.find(({ clock }) => clock !== null && clock.uncertainty <= 2 * sharpest + minTolerance)?.clock ?? null
}

const fitAt = (own: Ends, reference: Ends, shift: number, tolerance: number): Clock | null => {
  const mine: Array<number> = []
  const theirs: Array<number> = []
  let other = 0
  for (const time of own.times) {
    while (other < reference.times.length && (reference.times[other] ?? 0) < time + shift - tolerance) other += 1
    const found = reference.times[other]
    if (found === undefined || found > time + shift + tolerance) continue
    mine.push(time)
    theirs.push(found)
  }
  return fit(null, mine, theirs)
}

const bestShift = (own: Ends, reference: Ends, tolerance: number, alike: Likeness): number => {
  const shifts: Array<number> = []
  for (const [index, time] of own.times.entries()) {
    const from = Math.max(0, index - reach)
    for (let other = from; other <= index + reach && other < reference.times.length; other++) {
      if (alike(reference.signatures[other], own.signatures[index])) shifts.push((reference.times[other] ?? 0) - time)
    }
  }
  const sorted = Float64Array.from(shifts).sort()
  let best = 0
  let most = 0
  let low = 0
  for (let high = 0; high < sorted.length; high++) {
    while ((sorted[high] ?? 0) - (sorted[low] ?? 0) > tolerance) low += 1
    if (high - low + 1 <= most) continue
    most = high - low + 1
    best = ((sorted[high] ?? 0) + (sorted[low] ?? 0)) / 2
  }
  return best
}

/** Members of one communicator leave so close together; strangers only by chance. */
const closeMicros = 300
const comparedEnds = 24

/** Share of ends that coincide under the best shift, 0 where there are too few to say. */
export const affinity = (ownEnds: Ends, referenceEnds: Ends): number => {
  const mine = latest(ownEnds)
  const theirs = latest(referenceEnds)
  const wide = toleranceOf(theirs)
  const few = Math.min(mine.times.length, theirs.times.length)
  if (wide === null || few < 3) return 0
  const tolerance = Math.max(minTolerance, Math.min(closeMicros, wide / 6))
  return coincidences(mine, theirs, bestShift(mine, theirs, tolerance, sameKind), tolerance, sameKind) / few
}

/** A few ends suffice to tell strangers. */
const latest = ({ signatures, times }: Ends): Ends => ({
  signatures: signatures.slice(-comparedEnds),
  times: times.slice(-comparedEnds),
})
