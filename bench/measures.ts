// How figures are taken that more than one bench gives.

import { monitorEventLoopDelay } from "node:perf_hooks"

/** The event loop's delay while some work is under way, p99 in ms. */
export const delayDuring = async (work: () => Promise<unknown>): Promise<number> => {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await work()
  histogram.disable()
  return histogram.percentile(99) / 1e6
}

export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN
