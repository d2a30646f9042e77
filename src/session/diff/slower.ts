// Which groups take longer in one session than in the other, and how sure that is.

import { medianOf } from "../../domain/collectives/numbers.ts"

export interface Change {
  readonly group: string
  readonly counts: readonly [before: number, after: number]
  readonly medians: readonly [before: number, after: number]
  readonly ratio: number
  /** Cliff's delta, -1 … 1: how much likelier one that came after took longer than one before, than the other way round. */
  readonly effect: number
  readonly verdict: "slower" | "faster" | "same" | "few"
}

type Groups = ReadonlyMap<string, ReadonlyArray<number>>

/** Fewer say nothing of a change. */
const enough = 5
/** Cliff's own bound from which an effect is no longer small. */
const notable = 0.33
const leastRatio = 1.05

/** The greatest effect first. Groups that only one session has are no change of speed: they are where the sessions part. */
export const changes = (before: Groups, after: Groups): ReadonlyArray<Change> =>
  Array.from(before)
    .flatMap(([group, values]) => {
      const others = after.get(group)
      return others === undefined ? [] : [changeOf(group, values, others)]
    })
    .sort((one, other) => other.effect - one.effect || (one.group < other.group ? -1 : 1))

const changeOf = (group: string, before: ReadonlyArray<number>, after: ReadonlyArray<number>): Change => {
  const medians = [medianOf(before), medianOf(after)] as const
  const ratio = medians[0] > 0 ? medians[1] / medians[0] : 1
  const effect = cliffsDelta(before, after)
  const few = Math.min(before.length, after.length) < enough
  const verdict = few ? "few" : verdictOf(ratio, effect)
  return { group, counts: [before.length, after.length], medians, ratio, effect, verdict }
}

const verdictOf = (ratio: number, effect: number): Change["verdict"] => {
  if (effect >= notable && ratio >= leastRatio) return "slower"
  return effect <= -notable && ratio <= 1 / leastRatio ? "faster" : "same"
}

export const cliffsDelta = (before: ReadonlyArray<number>, after: ReadonlyArray<number>): number => {
  const left = Float64Array.from(before).sort()
  const right = Float64Array.from(after).sort()
  let below = 0
  let notAbove = 0
  let balance = 0
  for (const value of right) {
    while (below < left.length && (left[below] ?? 0) < value) below += 1
    while (notAbove < left.length && (left[notAbove] ?? 0) <= value) notAbove += 1
    balance += below - (left.length - notAbove)
  }
  return balance / (left.length * right.length)
}
