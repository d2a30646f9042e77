// What one complete column tells of time: who waited for whom, and how long the transfer itself took.

import { type Clock, toReference } from "./Clock.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Seat } from "./Seat.ts"

export interface Measure {
  /** Shortest stay of a rank in it: needs no clock. NaN where no end is known. */
  readonly transferMicros: number
  /** Latest less earliest start, and end; from fitted clocks if all are known, else from stays (ends taken as one). */
  readonly skewMicros: number
  readonly endSkewMicros: number
  /** The last to come, as a seat: by starts if clocks allow it, else the shortest stay. */
  readonly lastSeat: number
  /** How much later it came than the one before it. */
  readonly lateMicros: number
  readonly clocksDisagree: boolean
  readonly waitRatio: number
  /** How long others waited for a late root to begin, or how much too early a gathering root came; NaN without a known root. */
  readonly rootMicros: number
  readonly wallMicros: number
  /** End of it by the reference's clock; NaN where unknown. */
  readonly end: number
}

interface Extremes {
  latest: number
  second: number
  earliest: number
  at: number
}

const extremes = (): Extremes => ({ latest: -Infinity, second: -Infinity, earliest: Infinity, at: -1 })

const note = (into: Extremes, value: number, at: number): void => {
  if (value < into.earliest) into.earliest = value
  if (value > into.latest) {
    into.second = into.latest
    into.latest = value
    into.at = at
  } else if (value > into.second) into.second = value
}

/** Clocks that say the last one came less than this before another may simply be a little off. */
const disagreementMicros = 500

export const measure = (column: Column, seats: ReadonlyArray<Seat>, clocks: ReadonlyArray<Clock | null>): Measure => {
  const starts = extremes()
  const ends = extremes()
  // Stays turned round: the shortest stay is the latest arrival.
  const stays = extremes()
  let clocked = true
  let longest = 0
  let stayed = 0
  let sum = 0
  for (let seat = 0; seat < seats.length; seat++) {
    const operation = operationAt(seats, column, seat)
    if (operation === null || !operation.timed) continue
    const clock = clocks[seat] ?? null
    if (clock === null) clocked = false
    else note(starts, toReference(clock, operation.start), seat)
    const stay = operation.end - operation.start
    if (!(stay >= 0)) continue
    note(stays, -stay, seat)
    longest = Math.max(longest, stay)
    stayed += 1
    sum += stay
    if (clock !== null) note(ends, toReference(clock, operation.end), seat)
  }
  const transfer = stayed === 0 ? Number.NaN : -stays.latest
  const byClock = clocked && starts.at >= 0
  const [late, lastSeat] = byClock ? [lateness(starts), starts.at] : [lateness(stays), stays.at]
  return {
    transferMicros: transfer,
    skewMicros: byClock ? starts.latest - starts.earliest : longest - transfer,
    endSkewMicros: ends.at >= 0 && clocked ? ends.latest - ends.earliest : Number.NaN,
    lastSeat,
    lateMicros: late,
    clocksDisagree: byClock && stays.at !== starts.at && lateness(stays) > disagreementMicros,
    rootMicros: byClock ? rootMicros(column, seats, clocks, starts) : Number.NaN,
    waitRatio: sum > 0 ? (sum - stayed * transfer) / sum : Number.NaN,
    wallMicros: byClock && ends.at >= 0 ? ends.latest - starts.earliest : longest,
    end: ends.at >= 0 ? ends.latest : Number.NaN,
  }
}

const rootMicros = (
  { cells, signature }: Column,
  seats: ReadonlyArray<Seat>,
  clocks: ReadonlyArray<Clock | null>,
  starts: Extremes,
): number => {
  const startOf = (seat: number): number => {
    const operation = operationAt(seats, { cells }, seat)
    const clock = clocks[seat] ?? null
    return operation === null || clock === null ? Number.NaN : toReference(clock, operation.start)
  }
  const root = signature.root === null ? -1 : seats.findIndex(({ rank }) => rank === signature.root)
  const start = startOf(root)
  if (signature.kind.shape === "from_root") return Math.max(0, start - starts.earliest)
  let first = Infinity
  for (let seat = 0; seat < seats.length; seat++) if (seat !== root) first = Math.min(first, startOf(seat))
  return Math.max(0, first - start)
}

const lateness = (of: Extremes): number => (of.second === -Infinity ? 0 : of.latest - of.second)
