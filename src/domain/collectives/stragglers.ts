// Which rank computes longest before it joins the others: by the gaps between collectives, never by the collectives' own times.

import type { Communicator } from "./Communicator.ts"
import { medianOf } from "./numbers.ts"

/** Below this share of the quickest rank's gap to its own, a rank is a straggler. */
export const stragglerScore = 0.75

export interface Straggling {
  readonly medianGapMicros: number
  /** Quickest rank's median gap by its own: 1 is the quickest, small is slow. NaN where no gap is known. */
  readonly score: number
}

/** By seat, over the columns that the history holds. */
export const stragglingOf = ({ history, seats }: Communicator): ReadonlyArray<Straggling> => {
  const rows = Math.min(history.rows, history.height)
  const medians = Array.from({ length: seats.size }, (_, seat) => {
    const gaps = new Float64Array(rows)
    for (let row = 0; row < rows; row++) gaps[row] = history.gaps[row * history.width + seat] ?? Number.NaN
    return medianOf(gaps)
  })
  let quickest = Infinity
  for (const median of medians) if (median < quickest) quickest = median
  return medians.map((medianGapMicros) => ({
    medianGapMicros,
    score: medianGapMicros > 0 ? quickest / medianGapMicros : Number.NaN,
  }))
}
