// A sketch of a distribution: any quantile within 1 % of the true value, mergeable, in bounded memory (DDSketch, VLDB 2019).

/** Every answer lies within this share of the truth, for values within the range that the buckets span. */
export const relativeError = 0.01
const gamma = (1 + relativeError) / (1 - relativeError)
const logGamma = Math.log(gamma)
/** Two values a factor of 2^29 apart still have buckets of their own; beyond, the smallest run together. */
const maxBuckets = 1024

export interface Sketch {
  count: number
  sum: number
  /** Values of zero and below. */
  zeros: number
  min: number
  max: number
  /** Bucket number of the first element of `buckets`. */
  first: number
  buckets: Uint32Array
}

const none = new Uint32Array(0)

export const empty = (): Sketch => ({
  count: 0,
  sum: 0,
  zeros: 0,
  min: Infinity,
  max: -Infinity,
  first: 0,
  buckets: none,
})

export const copy = (sketch: Sketch): Sketch => ({ ...sketch, buckets: sketch.buckets.slice() })

export const add = (sketch: Sketch, value: number): void => {
  if (!Number.isFinite(value)) return
  sketch.count += 1
  sketch.sum += value
  sketch.min = Math.min(sketch.min, value)
  sketch.max = Math.max(sketch.max, value)
  if (value <= 0) sketch.zeros += 1
  else addTo(sketch, Math.ceil(Math.log(value) / logGamma), 1)
}

export const merge = (into: Sketch, from: Sketch): void => {
  into.count += from.count
  into.sum += from.sum
  into.zeros += from.zeros
  into.min = Math.min(into.min, from.min)
  into.max = Math.max(into.max, from.max)
  for (const [index, count] of from.buckets.entries()) if (count > 0) addTo(into, from.first + index, count)
}

/** NaN of an empty sketch. */
export const quantile = (sketch: Sketch, q: number): number => {
  if (sketch.count === 0) return Number.NaN
  let below = Math.floor(q * (sketch.count - 1)) - sketch.zeros
  if (below < 0) return Math.min(0, sketch.max)
  for (const [index, count] of sketch.buckets.entries()) {
    below -= count
    if (below >= 0) continue
    const value = (2 * gamma ** (sketch.first + index)) / (gamma + 1)
    return Math.min(sketch.max, Math.max(sketch.min, value))
  }
  return sketch.max
}

const addTo = (sketch: Sketch, bucket: number, count: number): void => {
  if (sketch.buckets.length === 0) {
    sketch.buckets = new Uint32Array(16)
    sketch.first = bucket - 8
  }
  if (bucket < sketch.first || bucket >= sketch.first + sketch.buckets.length) spanTo(sketch, bucket)
  const at = Math.max(0, bucket - sketch.first)
  sketch.buckets[at] = (sketch.buckets[at] ?? 0) + count
}

/** Widens the buckets to hold one more; past the bound the lowest ones are poured together. */
const spanTo = (sketch: Sketch, bucket: number): void => {
  const { first, buckets } = sketch
  const end = Math.max(first + buckets.length, bucket + 8)
  const low = Math.max(Math.min(first, bucket - 8), end - maxBuckets)
  const wide = new Uint32Array(end - low)
  for (const [index, count] of buckets.entries()) {
    const at = Math.max(0, first + index - low)
    wide[at] = (wide[at] ?? 0) + count
  }
  sketch.first = low
  sketch.buckets = wide
}
