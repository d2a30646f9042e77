// Sequences of operations into columns: column k is one collective across ranks. An edit alignment, so that a skipped, extra or lost
// operation shifts one rank by one, and blames nobody after it.

import type { Comparison } from "./Signature.ts"
import { differenceOf } from "./Signature.ts"
import { type Entrant, mismatchCost, newColumn, place, type ProfileColumn, timingOf } from "./Profile.ts"

const gapCost = 1
/** Before a rank's first operation in the log there may be some that were never recorded: the first costs, the next ones hardly. */
const firstLeadingCost = 0.3
const leadingCost = 0.1
const cheapLeading = 16

const leadingCostOf = (count: number, fresh: boolean): number => {
  if (count === 0) return 0
  if (!fresh) return count * gapCost
  return firstLeadingCost + leadingCost * Math.min(count, cheapLeading) + gapCost * Math.max(0, count - cheapLeading)
}

/** Whether a rank's operations fit the columns one by one, in kind and in time. */
const fitsByNumber = (columns: ReadonlyArray<ProfileColumn>, entrant: Entrant, comparison: Comparison): boolean => {
  const { operations, clock } = entrant
  let apart = 0
  for (let index = 0; index < operations.length && index < columns.length; index++) {
    const column = columns[index]
    const operation = operations[index]
    if (column === undefined || operation === undefined) break
    if (
      operation.signature !== column.signature &&
      differenceOf(operation.signature, column.signature, comparison) !== null
    ) {
      return false
    }
    const timing = timingOf(column, operation, clock)
    if (timing === "impossible") return false
    if (timing === "apart") apart += 1
  }
  return apart <= Math.max(1, operations.length / 4)
}

const placeByNumber = (columns: Array<ProfileColumn>, entrant: Entrant, seats: number): void => {
  for (const [index, operation] of entrant.operations.entries()) {
    const column = columns[index] ?? newColumn(seats, operation.signature)
    if (index === columns.length) columns.push(column)
    place(column, entrant, index)
  }
}

/** `fresh` seats may begin later than the columns do. The first entrant is what the others are measured by. */
export const align = (
  entrants: ReadonlyArray<Entrant>,
  seats: number,
  comparison: Comparison,
  fresh: (seat: number) => boolean,
): Array<ProfileColumn> => {
  const columns: Array<ProfileColumn> = []
  const odd: Array<Entrant> = []
  for (const entrant of entrants) {
    if (fitsByNumber(columns, entrant, comparison)) placeByNumber(columns, entrant, seats)
    else odd.push(entrant)
  }
  for (const entrant of odd) {
    const path = bestPath(columns, entrant, comparison, fresh(entrant.seat))
    const timeless = path.matched * 2 < Math.min(entrant.operations.length, columns.length)
    // Times under which hardly anything fits are no times: the clock was set, or was never fitted.
    const chosen = timeless ? bestPath(columns, { ...entrant, clock: null }, comparison, fresh(entrant.seat)) : path
    follow(columns, timeless ? { ...entrant, clock: null } : entrant, chosen.places, seats)
  }
  return columns
}

/** For each operation of a rank: the column it belongs to, or −1 − (the column before which it stands alone). */
interface Path {
  readonly places: Int32Array
  readonly matched: number
}

const bestPath = (
  columns: ReadonlyArray<ProfileColumn>,
  entrant: Entrant,
  comparison: Comparison,
  fresh: boolean,
): Path => {
  const rows = entrant.operations.length
  const width = columns.length + 1
  const cost = new Float32Array((rows + 1) * width)
  const from = new Uint8Array((rows + 1) * width)
  for (let column = 1; column < width; column++) {
    cost[column] = leadingCostOf(column, fresh)
    from[column] = 2
  }
  for (let row = 1; row <= rows; row++) {
    cost[row * width] = leadingCostOf(row, fresh)
    from[row * width] = 1
    for (let column = 1; column < width; column++) {
      const here = row * width + column
      const target = columns[column - 1]
      const match =
        (cost[here - width - 1] ?? 0) + (target === undefined ? 0 : mismatchCost(target, entrant, row - 1, comparison))
      // Operations after the last column, and columns after the last operation, are simply not there yet.
      // That needs a first one that is there: a rank beside all columns would be cheap, and tell nothing.
      const insert = (cost[here - width] ?? 0) + (column === width - 1 && row > 1 ? 0 : gapCost)
      const skip = (cost[here - 1] ?? 0) + (row === rows && column > 1 ? 0 : gapCost)
      const best = Math.min(match, insert, skip)
      cost[here] = best
      from[here] = match === best ? 0 : skip === best ? 2 : 1
    }
  }
  return walkBack(from, rows, width)
}

const walkBack = (from: Uint8Array, rows: number, width: number): Path => {
  const places = new Int32Array(rows)
  let matched = 0
  let row = rows
  let column = width - 1
  while (row > 0 || column > 0) {
    const step = from[row * width + column]
    if (step === 0) {
      row -= 1
      column -= 1
      places[row] = column
      matched += 1
    } else if (step === 1) {
      row -= 1
      places[row] = -1 - column
    } else column -= 1
  }
  return { places, matched }
}

/** Puts a rank in along its path; operations that stand alone become columns of their own. */
const follow = (columns: Array<ProfileColumn>, entrant: Entrant, places: Int32Array, seats: number): void => {
  let inserted = 0
  for (const [index, operation] of entrant.operations.entries()) {
    const target = places[index] ?? 0
    if (target >= 0) {
      const column = columns[target + inserted]
      if (column !== undefined) place(column, entrant, index)
      continue
    }
    const column = newColumn(seats, operation.signature)
    columns.splice(-1 - target + inserted, 0, column)
    place(column, entrant, index)
    inserted += 1
  }
}
