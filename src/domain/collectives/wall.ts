// Where the reference's clock lies against the agent's: by the fastest of the posts, since none can arrive before the end that it tells.

import type { Analysis } from "./analyse.ts"
import { toReference } from "./Clock.ts"
import { type Column, operationAt } from "./Column.ts"

/** Agent time = reference time + shift; good for drawing, to within what the fastest post takes. */
export interface Wall {
  readonly shift: number
  /** By the agent's clock, µs. */
  readonly at: number
}

/** Two clocks run apart by no more than this: a shift that was too small once is left behind at that pace. */
const maxDrift = 1e-4

export const placeWall = (known: Wall | null, columns: ReadonlyArray<Column>, analysis: Analysis): Wall | null => {
  let shift = Infinity
  let at = -Infinity
  for (const column of columns) {
    for (let seat = 0; seat < analysis.seats.length; seat++) {
      const operation = operationAt(analysis.seats, column, seat)
      const clock = analysis.clocks[seat] ?? null
      if (operation === null || clock === null || !operation.timed || !operation.finished) continue
      const { end, finishedAt } = operation
      // A finish without an end.
      if (end !== end) continue
      shift = Math.min(shift, finishedAt - toReference(clock, end))
      at = Math.max(at, finishedAt)
    }
  }
  if (shift === Infinity) return known
  if (known === null) return { shift, at }
  return { shift: Math.min(shift, known.shift + maxDrift * Math.max(0, at - known.at)), at }
}
