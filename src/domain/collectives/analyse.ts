// What the operations that are not yet settled say: aligned into columns, by clocks fitted to them. Pure, and remembered for as long as
// no record comes.

import { align } from "./align.ts"
import { type Clock, fit, referenceClock, toReference } from "./Clock.ts"
import { type Column, operationAt, readColumn } from "./Column.ts"
import { type Communicator, seatsOf } from "./Communicator.ts"
import { isBlocking } from "./Process.ts"
import type { Seat } from "./Seat.ts"
import { coincidences, type Ends, endsOf, findClock, type Likeness, sameCount, sameKind, toleranceOf } from "./shift.ts"
import type { Comparison } from "./Signature.ts"

export interface Analysis {
  readonly communicator: Communicator
  readonly seats: ReadonlyArray<Seat>
  readonly columns: ReadonlyArray<Column>
  /** By seat; null where a clock could not be fitted. */
  readonly clocks: ReadonlyArray<Clock | null>
  readonly reference: number
  /** By seat: the last column it came to, as an index, or −1. */
  readonly reached: Int32Array
  /** Kinds whose ends are not recorded: being in one of them says nothing by itself. */
  readonly endless: ReadonlySet<string>
}

/** An unfinished operation of a rank that overlaps its operations is given up once so many later ones have finished. */
const laterFinishes = 8

const remembered = new WeakMap<Communicator, { readonly version: number; readonly analysis: Analysis }>()

export const analyse = (communicator: Communicator): Analysis => {
  const known = remembered.get(communicator)
  if (known !== undefined && known.version === communicator.version) return known.analysis
  const analysis = analyseAnew(communicator)
  remembered.set(communicator, { version: communicator.version, analysis })
  return analysis
}

const analyseAnew = (communicator: Communicator): Analysis => {
  const seats = seatsOf(communicator)
  const ends = seats.map((seat) => endsOf(seat.collectives.operations))
  const reference = referenceOf(communicator, seats, ends)
  const comparison = comparisonOf(communicator, seats)
  const alike = sameCount(comparison)
  const same = communicator.reference === seats[reference]
  const clocks = seats.map((seat, index) =>
    index === reference ? referenceClock : clockOf(same ? seat.clock : null, ends[index], ends[reference], alike),
  )
  const order = seats
    .map((seat, index) => ({ seat: index, operations: seat.collectives.operations, clock: clocks[index] ?? null }))
    .sort((a, b) => (a.seat === reference ? -1 : b.seat === reference ? 1 : 0))
  const profile = align(order, seats.length, comparison, (seat) => seats[seat]?.columns === 0)
  const flying = flyingOf(seats)
  const columns = profile.map((column, index) =>
    readColumn(communicator.settled + index + 1, column.signature, column.cells, seats, comparison, flying),
  )
  const reached = new Int32Array(seats.length).fill(-1)
  for (const [index, column] of columns.entries()) {
    for (let seat = 0; seat < seats.length; seat++) if ((column.cells[seat] ?? -1) >= 0) reached[seat] = index
  }
  const endless = endlessOf(communicator, seats)
  return { communicator, seats, columns, clocks, reference, reached, endless }
}

const briefs = new WeakMap<Communicator, { readonly settled: number; readonly analysis: Analysis }>()

/** The settled part alone: what can be said of a communicator without looking at its latest operations. */
export const analyseBriefly = (communicator: Communicator): Analysis => {
  const known = briefs.get(communicator)
  if (known?.settled === communicator.settled && known.analysis.seats.length === communicator.seats.size)
    return known.analysis
  const seats = seatsOf(communicator)
  const analysis: Analysis = {
    communicator,
    seats,
    columns: [],
    clocks: seats.map((seat) => seat.clock),
    reference: Math.max(0, communicator.reference === null ? 0 : seats.indexOf(communicator.reference)),
    reached: new Int32Array(seats.length).fill(-1),
    endless: new Set(),
  }
  briefs.set(communicator, { settled: communicator.settled, analysis })
  return analysis
}

const comparisonOf = (communicator: Communicator, seats: ReadonlyArray<Seat>): Comparison => {
  const uneven = communicator.settled === 0 ? unevenFromStart(seats) : new Set<string>()
  return {
    roots: communicator.foreignRoots > 0,
    counts: (kind) => {
      if (kind.unevenCounts || uneven.has(kind.name)) return false
      const counts = communicator.kinds.get(kind.name)
      return counts === undefined || counts.unevenCounts < 4 || counts.unevenCounts * 4 < counts.columns
    },
  }
}

/** Kinds whose first calls already have a count of their own on every rank: that is how the program is. */
const unevenFromStart = (seats: ReadonlyArray<Seat>): Set<string> => {
  const looked = new Map<string, { same: number; different: number }>()
  for (let index = 0; index < 4; index++) {
    const first = seats[0]?.collectives.operations[index]?.signature
    for (const seat of seats.slice(1)) {
      const other = seat.collectives.operations[index]?.signature
      if (first === undefined || other === undefined || first.op !== other.op) continue
      const tally = looked.get(first.op) ?? { same: 0, different: 0 }
      if (first.count === other.count) tally.same += 1
      else tally.different += 1
      looked.set(first.op, tally)
    }
  }
  return new Set(
    Array.from(looked).flatMap(([op, { same, different }]) => (different >= 4 && different > 4 * same ? [op] : [])),
  )
}

/** The one so far, as long as it is heard of; else the rank that ended most operations. */
const referenceOf = (communicator: Communicator, seats: ReadonlyArray<Seat>, ends: ReadonlyArray<Ends>): number => {
  const counts = ends.map(({ times }) => times.length)
  const most = Math.max(0, ...counts)
  const known = communicator.reference === null ? -1 : seats.indexOf(communicator.reference)
  if (known >= 0 && 2 * (counts[known] ?? 0) >= most) return known
  return Math.max(0, counts.indexOf(most))
}

/** The line fitted before, if ends still fall on it; else that line bent to the ends of the same number, or one found anew. */
const clockOf = (
  known: Clock | null,
  own: Ends | undefined,
  reference: Ends | undefined,
  alike: Likeness,
): Clock | null => {
  if (own === undefined || reference === undefined) return known
  if (known === null) return findClock(own, reference, alike)
  const tolerance = toleranceOf(reference)
  const both = Math.min(own.times.length, reference.times.length)
  if (tolerance === null || both < 4) return known
  const falls = (clock: Clock | null, like: Likeness) =>
    clock === null ? -1 : onLine(own, reference, clock, tolerance, like)
  if (falls(known, sameKind) >= 0.9 * both) return known
  const bent = fit(known, own.times.slice(0, both), reference.times.slice(0, both))
  const candidates = [known, bent, findClock(own, reference, alike)]
  const most = Math.max(...candidates.map((clock) => falls(clock, alike)))
  return candidates.find((clock) => falls(clock, alike) >= 0.9 * most) ?? known
}

const onLine = (own: Ends, reference: Ends, clock: Clock, tolerance: number, alike: Likeness): number => {
  const mapped = { signatures: own.signatures, times: own.times.map((time) => toReference(clock, time)) }
  return coincidences(mapped, reference, 0, Math.min(tolerance, 300 + 6 * clock.uncertainty), alike)
}

/** The clocks again, through the ends that the alignment brought together. */
export const refit = (analysis: Analysis): ReadonlyArray<Clock | null> =>
  analysis.seats.map((_, seat) => {
    if (seat === analysis.reference) return referenceClock
    const own: Array<number> = []
    const theirs: Array<number> = []
    for (const column of analysis.columns) {
      if (column.signature.kind.shape !== "all_to_all") continue
      const mine = operationAt(analysis.seats, column, seat)
      const other = operationAt(analysis.seats, column, analysis.reference)
      if (mine === null || other === null || !(mine.end > 0) || !(other.end > 0)) continue
      own.push(mine.end)
      theirs.push(other.end)
    }
    const clock = analysis.clocks[seat] ?? null
    return clock === null ? null : fit(clock, own, theirs)
  })

/** Whether a rank is in an operation now: it has not finished it, and nothing later shows that only the finish was lost. */
const flyingOf =
  (seats: ReadonlyArray<Seat>) =>
  (seat: number, index: number): boolean => {
    const one = seats[seat]
    const operation = one?.collectives.operations[index]
    if (one === undefined || operation === undefined || operation.finished) return false
    const { operations } = one.collectives
    if (!isBlocking(one.process)) return finishedAfter(operations, index) < laterFinishes
    return index === operations.length - 1 && (!operation.timed || one.process.latestStart <= operation.start)
  }

const finishedAfter = (operations: Seat["collectives"]["operations"], index: number): number => {
  let count = 0
  for (let later = index + 1; later < operations.length; later++) if (operations[later]?.finished === true) count += 1
  return count
}

/** Seats that came to later columns but not to this one; none where an all-to-all that somebody left must have seen everybody. */
export const passedBy = (analysis: Analysis, column: Column, index: number): ReadonlyArray<number> => {
  if (column.finished > 0 && column.signature.kind.shape === "all_to_all") return []
  const passed: Array<number> = []
  for (let seat = 0; seat < analysis.seats.length; seat++) {
    if ((column.cells[seat] ?? -1) < 0 && (analysis.reached[seat] ?? -1) > index) passed.push(seat)
  }
  return passed
}

/** Kinds that some rank began again and again and none ever finished: their reporters do not record ends. */
const endlessOf = (communicator: Communicator, seats: ReadonlyArray<Seat>): ReadonlySet<string> => {
  const begun = new Set<string>()
  for (const { collectives } of seats) {
    const [one, two, three] = collectives.operations.slice(-3)
    if (one?.finished !== false || two?.finished !== false || three?.finished !== false) continue
    if (one.signature.op === two.signature.op && two.signature.op === three.signature.op) begun.add(three.signature.op)
  }
  for (const op of begun) {
    const left = (communicator.kinds.get(op)?.left ?? 0) > 0
    const ends =
      left || seats.some((seat) => seat.collectives.operations.some((one) => one.finished && one.signature.op === op))
    if (ends) begun.delete(op)
  }
  return begun
}
