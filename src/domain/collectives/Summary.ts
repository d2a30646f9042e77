// What one column was in a few numbers: its times, who was last, and where in the log it lies.

import type { Analysis } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import { type Measure, measure } from "./measure.ts"

export interface Summary extends Omit<Measure, "lastSeat" | "lateMicros"> {
  readonly ordinal: number
  /** −1 where it is not known. */
  readonly lastRank: number
  readonly present: number
  readonly finished: number
  readonly firstPosition: number
  readonly lastPosition: number
}

export const summaryOf = (column: Column, { seats, clocks }: Analysis): Summary => {
  let firstPosition = Infinity
  let lastPosition = 0
  for (let seat = 0; seat < seats.length; seat++) {
    const operation = operationAt(seats, column, seat)
    if (operation === null) continue
    firstPosition = Math.min(firstPosition, operation.position)
    lastPosition = Math.max(lastPosition, operation.lastPosition)
  }
  const { lastSeat, lateMicros: _, ...times } = measure(column, seats, clocks)
  return {
    ordinal: column.ordinal,
    ...times,
    lastRank: seats[lastSeat]?.rank ?? -1,
    present: column.present,
    finished: column.finished,
    firstPosition,
    lastPosition,
  }
}
