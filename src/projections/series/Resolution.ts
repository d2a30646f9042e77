// How fine the rows of a series are, how long each is kept, and where its rollups lie.

export type Resolution = "raw" | "1m" | "1h"
/** What rollups are made of. */
export type Rolled = Exclude<Resolution, "raw">

const second = 1e6
const hour = 3600 * second
const day = 24 * hour

interface Span {
  readonly stepMicros: number
  /** Rows of so much time lie together under one key. */
  readonly stretchMicros: number
  readonly keptMicros: number
}

export const spans: Readonly<Record<Rolled, Span>> = {
  "1m": { stepMicros: 60 * second, stretchMicros: hour, keptMicros: 30 * day },
  "1h": { stepMicros: hour, stretchMicros: day, keptMicros: 730 * day },
}

export const rolled = ["1m", "1h"] as const satisfies ReadonlyArray<Rolled>

/** The beginning of the step or stretch that a time lies in. */
export const floor = (micros: number, span: number): number => Math.floor(micros / span) * span

const letters: Readonly<Record<Rolled, string>> = { "1m": "m", "1h": "h" }
const text = new TextEncoder()
const decoder = new TextDecoder()
const prefix = text.encode("series/")
/** The prefix, the resolution's letter, the number of the stretch. */
const headBytes = prefix.length + 5

/** In order of time first, so that what is too old lies at the beginning, and one series is a few short scans. */
export const storedKey = (resolution: Rolled, stretch: number, series: string): Uint8Array => {
  const name = text.encode(series)
  const key = new Uint8Array(headBytes + name.length)
  key.set(prefix)
  key.set(text.encode(letters[resolution]), prefix.length)
  new DataView(key.buffer).setUint32(prefix.length + 1, stretch / spans[resolution].stretchMicros)
  key.set(name, headBytes)
  return key
}

export const seriesOf = (key: Uint8Array): string => decoder.decode(key.subarray(headBytes))

/** Where it is written how far rollups reach. */
export const reachKey = text.encode("series/reach")
