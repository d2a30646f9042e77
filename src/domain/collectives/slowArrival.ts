// One rank that always computes longer than the others, and makes them wait. Own clocks only: no fit is needed.

import type { Row } from "./gaps.ts"
import { type History, rowAt } from "./History.ts"
import { lowerMedianOf } from "./numbers.ts"

export interface SlowRank {
  readonly seat: number
  /** Columns looked at. */
  readonly window: number
  /** Own compute, as a multiple of the median rank's. */
  readonly factor: number
  /** Share of wall time that it costs. */
  readonly share: number
  readonly secondsLost: number
}

const windows: ReadonlyArray<number> = [128, 64, 32]
const smallest = 32
const eighths = 8
const leastShare = 0.1
/** In every eighth it has to cost at least this: luck is not a habit. */
const leastShareOfEighth = 0.04
const leadOverNext = 2

/** `tail` are rows that are not yet settled, oldest first. */
export const slowArrival = (history: History, tail: ReadonlyArray<Row>, seats: number): SlowRank | null => {
  const known = Math.min(history.rows, history.height) + tail.length
  if (seats < 2 || known < smallest) return null
  for (const window of windows) {
    const found = inWindow(history, tail, seats, Math.min(window, known))
    if (found !== null) return found
  }
  return null
}

interface Sums {
  readonly gaps: Float64Array
  period: number
}

const inWindow = (history: History, tail: ReadonlyArray<Row>, seats: number, window: number): SlowRank | null => {
  const parts = Array.from({ length: eighths }, (): Sums => ({ gaps: new Float64Array(seats), period: 0 }))
  for (let back = window; back >= 1; back--) {
    const part = parts[Math.floor(((window - back) * eighths) / window)]
    if (part !== undefined) addRow(history, tail, back, part)
  }
  const whole: Sums = { gaps: new Float64Array(seats), period: 0 }
  for (const part of parts) {
    for (let seat = 0; seat < seats; seat++) whole.gaps[seat] = (whole.gaps[seat] ?? 0) + (part.gaps[seat] ?? 0)
    whole.period += part.period
  }
  const top = leader(whole)
  if (top.excess <= leastShare * whole.period || top.excess < leadOverNext * top.next) return null
  const always = parts.every((part) => {
    const own = leader(part)
    return own.seat === top.seat && own.excess > leastShareOfEighth * part.period
  })
  if (!always) return null
  return {
    seat: top.seat,
    window,
    factor: top.median > 0 ? (top.median + top.excess) / top.median : Infinity,
    share: top.excess / whole.period,
    secondsLost: top.excess / 1e6,
  }
}

/** `back` columns ago, counted over the tail first. */
const addRow = (history: History, tail: ReadonlyArray<Row>, back: number, into: Sums): void => {
  const row = tail[tail.length - back]
  const at = row === undefined ? rowAt(history, back - tail.length) : -1
  const gaps = row?.gaps ?? history.gaps.subarray(at * history.width, (at + 1) * history.width)
  const period = row?.period ?? history.periods[at] ?? 0
  if (period === period) into.period += period
  for (let seat = 0; seat < into.gaps.length; seat++) {
    const gap = gaps[seat] ?? 0
    if (gap === gap) into.gaps[seat] = (into.gaps[seat] ?? 0) + gap
  }
}

const leader = ({ gaps }: Sums) => {
  const median = lowerMedianOf(gaps)
  let seat = -1
  let most = -Infinity
  let second = -Infinity
  for (const [index, gap] of gaps.entries()) {
    if (gap > most) {
      second = most
      most = gap
      seat = index
    } else if (gap > second) second = gap
  }
  return { seat, median, excess: most - median, next: Math.max(0, second - median) }
}
