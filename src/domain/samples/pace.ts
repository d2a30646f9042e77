// Adaptive sampling: looks as often as asked while something moves, and ever more rarely while all is flat.

import { processCpuPercent, type ProcessSeries, type Samples } from "./Samples.ts"

/** So many intervals lie between two looks at most. */
export const slowest = 4

/** Less than this of a core is a process that only waits. */
const idlePercent = 1
/** Memory that changed by less than this share stands still. */
const stillShare = 0.01

/** The intervals until the next look, from those until the last one. */
export const next = (pace: number, isMoving: boolean): number => (isMoving ? 1 : Math.min(slowest, pace * 2))

/** Whether any process works, grows, shrinks, or changed its state since the look before; one that was seen once only may. */
export const isMoving = ({ processes }: Samples): boolean => {
  for (const series of processes.values()) if (moves(series)) return true
  return false
}

const moves = (series: ProcessSeries): boolean => {
  const { last, before } = series
  if (before === null) return true
  const grown = Math.abs(last.counters.residentBytes - before.counters.residentBytes)
  return (
    (processCpuPercent(series) ?? 0) >= idlePercent ||
    grown > stillShare * before.counters.residentBytes ||
    last.counters.state !== before.counters.state ||
    last.counters.threads !== before.counters.threads
  )
}
