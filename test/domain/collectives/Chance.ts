// Chance by seed: the same seed gives the same numbers on every machine.

export interface Chance {
  /** In [0, 1). */
  readonly next: () => number
  readonly between: (low: number, high: number) => number
  /** A whole number in [low, high]. */
  readonly whole: (low: number, high: number) => number
  readonly pick: <T>(from: ReadonlyArray<T>) => T
  /** Standard normal. */
  readonly normal: () => number
  /** A factor around 1: half of the draws lie within about ±0.7 · spread. */
  readonly factor: (spread: number) => number
  readonly shuffle: <T>(items: ReadonlyArray<T>) => Array<T>
}

export const seeded = (seed: number): Chance => {
  let state = (seed * 2_654_435_761 + 0x9e3779b9) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number) => low + next() * (high - low)
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1))
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return {
    next,
    between,
    whole,
    normal,
    pick: (from) => from[whole(0, from.length - 1)]!,
    factor: (spread) => Math.exp(spread * normal()),
    shuffle: (items) => {
      const mixed = [...items]
      for (let index = mixed.length - 1; index > 0; index--) {
        const other = whole(0, index)
        const kept = mixed[index]!
        mixed[index] = mixed[other]!
        mixed[other] = kept
      }
      return mixed
    },
  }
}
