// A rank's clock against the communicator's reference: a line through the ends of operations that nobody leaves before all have come.

import { medianOf } from "./numbers.ts"

/** Reference time = t + shift + drift · (t − origin). */
export interface Clock {
  readonly origin: number
  readonly shift: number
  readonly drift: number
  /** How far ends lie from the line, as a robust standard deviation, µs. */
  readonly uncertainty: number
  /** What the drift may be off by: far from the last point, the line is that much less sure. */
  readonly driftError: number
  /** Places that the line was fitted through; the latest last. */
  readonly points: ReadonlyArray<ClockPoint>
}

export interface ClockPoint {
  readonly at: number
  readonly shift: number
}

const maxPoints = 12
/** A quartz that is off by more than this is no quartz: the line stays within it. */
const maxDrift = 5e-4
/** Below such a span, a slope is noise. */
const minSpanMicros = 1e6
/** Two clocks of which nothing is known run this much apart at most, by experience. */
const unknownDrift = 1e-4

export const toReference = (clock: Clock, time: number): number =>
  time + clock.shift + clock.drift * (time - clock.origin)

export const referenceClock: Clock = { origin: 0, shift: 0, drift: 0, uncertainty: 0, driftError: 0, points: [] }

/** Own ends and the reference's ends of the same collectives, in order. */
export const fit = (
  known: Clock | null,
  own: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
): Clock | null => {
  if (own.length < 3) return known
  const before = known?.points ?? []
  const parts = before.length < 6 && own.length >= 9 ? 3 : 1
  const points = before.concat(placesOf(own, reference, parts)).slice(-maxPoints)
  const drift = slopeOf(points)
  const origin = own[own.length - 1] ?? 0
  const shift = placeAt(points, drift, origin, parts)
  const line = { origin, shift, drift }
  const apart = new Float64Array(own.length)
  for (let index = 0; index < own.length; index++) {
    const end = own[index] ?? 0
    apart[index] = Math.abs(end + shift + drift * (end - origin) - (reference[index] ?? 0))
  }
  const uncertainty = 1.4826 * medianOf(apart)
  const span = spanOf(points)
  return {
    ...line,
    uncertainty,
    driftError: span < minSpanMicros ? unknownDrift : 2e-6 + (4 * uncertainty) / span,
    points,
  }
}

/** Where the line passes at a moment, by the points of the latest ends. */
const placeAt = (points: ReadonlyArray<ClockPoint>, drift: number, at: number, latest: number): number =>
  medianOf(points.slice(-latest).map((point) => point.shift + drift * (at - point.at)))

/** How far a moment may lie from the line, µs. */
export const slackAt = (clock: Clock, time: number): number =>
  6 * clock.uncertainty + clock.driftError * Math.max(0, time - clock.origin)

const spanOf = (points: ReadonlyArray<ClockPoint>): number => (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)

/** The median place of the ends, or of each third of them while there is nothing else to tell a slope by: an odd end cannot move it. */
const placesOf = (
  own: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
  parts: number,
): ReadonlyArray<ClockPoint> =>
  Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * own.length) / parts)
    const to = Math.floor(((part + 1) * own.length) / parts)
    const shifts = new Float64Array(to - from)
    for (let index = from; index < to; index++) shifts[index - from] = (reference[index] ?? 0) - (own[index] ?? 0)
    return { at: own[(from + to) >> 1] ?? 0, shift: medianOf(shifts) }
  })

/** The median of the slopes between points that lie well apart. */
const slopeOf = (points: ReadonlyArray<ClockPoint>): number => {
  const span = spanOf(points)
  if (span < minSpanMicros) return 0
  const slopes: Array<number> = []
  for (const one of points) {
    for (const other of points) {
      if (other.at - one.at >= span / 3) slopes.push((other.shift - one.shift) / (other.at - one.at))
    }
  }
  return Math.max(-maxDrift, Math.min(maxDrift, medianOf(slopes)))
}
