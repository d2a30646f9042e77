// How full the log is over time: counts of events in equal steps, read once and then only as far as the log has grown.

import type { TimelineAnswer } from "../wire/timeline.ts"
import { type Extent, fractionOf } from "./extent.ts"

export interface Density {
  readonly fromMillis: number
  readonly stepMillis: number
  /** Last positions at the boundaries. */
  readonly positions: ReadonlyArray<number>
}

const steps = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
]
const mostBars = 200

/** Bars as wide as the eye can still tell apart, at round times, so that they stay where they are while the log grows. */
export const stepFor = (extent: Extent): number => {
  const length = extent.headMillis - extent.firstMillis
  const fitting = steps.find((step) => length / step <= mostBars)
  return fitting ?? Math.ceil(length / mostBars / 86_400_000) * 86_400_000
}

export interface Missing {
  readonly fromMillis: number
  readonly toMillis: number
  readonly stepMillis: number
}

/** What is yet to be asked; null when the bars reach as far as the log. */
export const missingOf = (known: Density | null, extent: Extent): Missing | null => {
  const stepMillis = stepFor(extent)
  const first = Math.floor(extent.firstMillis / stepMillis) * stepMillis
  const through = Math.ceil(extent.headMillis / stepMillis) * stepMillis
  if (known === null || known.stepMillis !== stepMillis || known.fromMillis !== first)
    return { fromMillis: first, toMillis: through, stepMillis }
  // The last boundary may have lain ahead of the head when it was asked about.
  const from = known.fromMillis + Math.max(0, known.positions.length - 1) * stepMillis
  return through < from ? null : { fromMillis: from, toMillis: through, stepMillis }
}

export const joined = (known: Density | null, asked: Missing, answer: TimelineAnswer): Density => {
  const isWhole = known === null || known.stepMillis !== asked.stepMillis || asked.fromMillis <= known.fromMillis
  if (isWhole) return { fromMillis: asked.fromMillis, stepMillis: asked.stepMillis, positions: answer.positions }
  const kept = Math.round((asked.fromMillis - known.fromMillis) / known.stepMillis)
  return { ...known, positions: [...known.positions.slice(0, kept), ...answer.positions] }
}

export interface Bar {
  readonly from: number
  readonly to: number
  /** 0–1; the root of the count, so that a quiet hour still shows beside a burst. */
  readonly height: number
}

export const barsOf = (density: Density, extent: Extent): ReadonlyArray<Bar> => {
  const { positions, fromMillis, stepMillis } = density
  const counts = positions.slice(1).map((position, index) => Math.max(0, position - (positions[index] ?? 0)))
  const highest = Math.sqrt(Math.max(1, ...counts))
  return counts.map((count, index) => {
    const start = fromMillis + index * stepMillis
    return {
      from: fractionOf(extent, start),
      to: fractionOf(extent, start + stepMillis),
      height: Math.sqrt(count) / highest,
    }
  })
}
