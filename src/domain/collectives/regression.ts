// Whether the job's iterations have become longer: their length is read from the rhythm of the operations.

import { medianOf } from "./numbers.ts"
import type { Signature } from "./Signature.ts"

/** The latest columns of a communicator, as one rank's own clock saw them end. */
export interface Beats {
  readonly signatures: Array<Signature>
  readonly ends: Array<number>
}

export interface Regression {
  /** Columns in an iteration. */
  readonly period: number
  readonly beforeMicros: number
  readonly nowMicros: number
  readonly iterations: number
}

const maxBeats = 768
const letGoAtOnce = 256
const maxPeriod = 64
const leastLikeness = 0.7
const leastShift = 1.1
/** Iterations that a shift has to last before it counts, and that have to lie before it. */
const lasting = 11
const earlier = 8

export const noBeats = (): Beats => ({ signatures: [], ends: [] })
export const copyBeats = (beats: Beats): Beats => ({ signatures: beats.signatures.slice(), ends: beats.ends.slice() })

export const addBeat = ({ signatures, ends }: Beats, signature: Signature, end: number): void => {
  signatures.push(signature)
  ends.push(end)
  if (ends.length < maxBeats) return
  signatures.splice(0, letGoAtOnce)
  ends.splice(0, letGoAtOnce)
}

const alike = (one: Signature | undefined, other: Signature | undefined): boolean =>
  one === other || (one?.op === other?.op && one?.count === other?.count)

/** The smallest shift at which the sequence repeats itself: the first peak of its autocorrelation. Null without a rhythm. */
const periodOf = ({ signatures }: Beats): number | null => {
  const likeness = (shift: number): number => {
    let same = 0
    for (let index = shift; index < signatures.length; index++) {
      if (alike(signatures[index], signatures[index - shift])) same += 1
    }
    return same / (signatures.length - shift)
  }
  for (let shift = 1; shift <= maxPeriod && 2 * shift <= signatures.length; shift++) {
    const own = likeness(shift)
    if (own >= leastLikeness && own >= likeness(shift + 1)) return shift
  }
  return null
}

export const regression = (beats: Beats): Regression | null => {
  const period = periodOf(beats)
  if (period === null) return null
  const { ends } = beats
  const lengths: Array<number> = []
  for (let index = ends.length - 1; index >= period; index -= period) {
    const length = (ends[index] ?? Number.NaN) - (ends[index - period] ?? Number.NaN)
    if (length > 0) lengths.push(length)
  }
  const before = medianOf(lengths.slice(Math.max(lasting, lengths.length >> 1)))
  const longer = lengths.findIndex((length) => length <= leastShift * before)
  const iterations = longer < 0 ? lengths.length : longer
  if (iterations < lasting || lengths.length - iterations < earlier) return null
  return { period, beforeMicros: before, nowMicros: medianOf(lengths.slice(0, iterations)), iterations }
}
