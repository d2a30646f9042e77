// Statistics of like operations: same op, algorithm, type and size class in one communicator.

import { deviationOf, medianOf } from "./numbers.ts"
import * as Sketch from "./Sketch.ts"
import type { Signature } from "./Signature.ts"

/** The latest transfer times are looked at one by one; only older ones make the baseline. */
export const latestCount = 8
const minBaseline = 20
const outlierRing = 64
const slowFactor = 1.5
/** A network that stayed slow for so many operations is what this network is. */
const newNormal = 1000

export interface OpGroup {
  readonly signature: Signature
  /** log2 of the bytes, −1 where they are not known. */
  readonly sizeClass: number
  readonly transfer: Sketch.Sketch
  readonly skew: Sketch.Sketch
  readonly busbw: Sketch.Sketch
  readonly baseline: Sketch.Sketch
  /** Newest last, at most `outlierRing`. */
  readonly latest: Array<number>
  outliers: number
  slowInRow: number
  lastOrdinal: number
}

export const make = (signature: Signature, sizeClass: number): OpGroup => ({
  signature,
  sizeClass,
  transfer: Sketch.empty(),
  skew: Sketch.empty(),
  busbw: Sketch.empty(),
  baseline: Sketch.empty(),
  latest: [],
  outliers: 0,
  slowInRow: 0,
  lastOrdinal: 0,
})

export const copy = (group: OpGroup): OpGroup => ({
  ...group,
  transfer: Sketch.copy(group.transfer),
  skew: Sketch.copy(group.skew),
  busbw: Sketch.copy(group.busbw),
  baseline: Sketch.copy(group.baseline),
  latest: group.latest.slice(),
})

export interface Measured {
  readonly ordinal: number
  readonly transferMicros: number
  readonly skewMicros: number
  readonly busbw: number | null
}

export const observe = (group: OpGroup, { ordinal, transferMicros, skewMicros, busbw }: Measured): void => {
  group.lastOrdinal = ordinal
  if (isOutlier(group, transferMicros)) group.outliers += 1
  Sketch.add(group.transfer, transferMicros)
  Sketch.add(group.skew, skewMicros)
  if (busbw !== null) Sketch.add(group.busbw, busbw)
  group.latest.push(transferMicros)
  const leaving = group.latest[group.latest.length - 1 - latestCount]
  if (leaving !== undefined) learn(group, leaving)
  if (group.latest.length > outlierRing) group.latest.shift()
}

/** Far out by the median and its deviation, and worth speaking of. */
export const isOutlier = (group: OpGroup, transferMicros: number): boolean => {
  const { latest } = group
  if (latest.length < minBaseline || transferMicros < 1.2 * Sketch.quantile(group.transfer, 0.5)) return false
  const median = medianOf(latest)
  const deviation = deviationOf(latest, median)
  return transferMicros > 1.2 * median && 0.6745 * (transferMicros - median) > 3.5 * deviation
}

/** A slow spell does not teach the baseline, or a lasting fault would become the measure of itself. */
const learn = (group: OpGroup, transferMicros: number): void => {
  const slow = group.baseline.count >= minBaseline && transferMicros > slowFactor * Sketch.quantile(group.baseline, 0.5)
  group.slowInRow = slow ? group.slowInRow + 1 : 0
  if (!slow || group.slowInRow > newNormal) Sketch.add(group.baseline, transferMicros)
}

export interface Slowness {
  readonly factor: number
  readonly medianMicros: number
  readonly latestMicros: number
}

/** Whether 7 of the last 8 transfers are clearly above what was usual before; `tail` are those not yet settled, oldest first. */
export const slowness = (group: OpGroup, tail: ReadonlyArray<number>): Slowness | "usual" | "too_few" => {
  const all = group.latest.slice(-latestCount).concat(tail)
  const known = group.baseline.count + Math.max(0, all.length - latestCount)
  if (known < minBaseline || all.length < latestCount) return "too_few"
  const usual = Sketch.copy(group.baseline)
  if (usual.count < minBaseline) for (const value of all.slice(0, -latestCount)) Sketch.add(usual, value)
  const medianMicros = Sketch.quantile(usual, 0.5)
  const latest = all.slice(-latestCount)
  const slow = latest.filter((value) => value > slowFactor * medianMicros).length
  if (slow < latestCount - 1) return "usual"
  const latestMicros = medianOf(latest)
  return { factor: latestMicros / medianMicros, medianMicros, latestMicros }
}
