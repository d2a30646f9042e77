// What each rank computed before each column: its own time outside any recorded operation.

import { type Column, operationAt } from "./Column.ts"
import { timeOutside } from "./Process.ts"
import type { Seat } from "./Seat.ts"
import { medianOf } from "./numbers.ts"

export interface Row {
  readonly gaps: Float32Array
  readonly period: number
}

/** With nine tenths of the ranks there, a column tells of gaps: a lost record is no reason to know nothing of the others. */
export const tellsOfGaps = (column: Column, size: number): boolean => column.present * 10 >= size * 9

/** Own ends of the column before, by seat; NaN where unknown. */
export type Ends = Float64Array

export const endsBefore = (seats: ReadonlyArray<Seat>): Ends => Float64Array.from(seats, (seat) => seat.settledEnd)

/** Ranks whose period is looked at: a few agree on it as well as all. */
const periodSeats = 8

/** The row of one column; `ends` move on to it. */
export const rowOf = (column: Column, seats: ReadonlyArray<Seat>, ends: Ends): Row => {
  const gaps = new Float32Array(seats.length)
  const periods: Array<number> = []
  for (let index = 0; index < seats.length; index++) {
    const operation = operationAt(seats, column, index)
    const seat = seats[index]
    const before = ends[index] ?? Number.NaN
    if (operation === null || seat === undefined || !operation.timed) {
      gaps[index] = Number.NaN
      // What lies between two records with a lost one between them is not all compute.
      ends[index] = Number.NaN
      continue
    }
    gaps[index] = Math.max(0, timeOutside(seat.process, before, operation.start))
    if (periods.length < periodSeats) periods.push(operation.end - before)
    ends[index] = operation.end
  }
  return { gaps, period: medianOf(periods) }
}
