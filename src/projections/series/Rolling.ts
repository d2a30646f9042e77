// Rows of minutes and hours that are being made, until they are written down.

import type { Envelope } from "../../domain/Envelope.ts"
import { Looks } from "./Looks.ts"
import { floor, type Rolled, rolled, spans } from "./Resolution.ts"
import { add, empty, type GrowingRow } from "./Row.ts"

/** The rows of one series within one stretch of time. */
export interface Gathered {
  readonly resolution: Rolled
  readonly stretch: number
  /** In order of time. */
  readonly rows: ReadonlyArray<GrowingRow>
}

interface Growing {
  readonly minute: GrowingRow
  readonly hour: GrowingRow
}

export class Rolling {
  readonly #looks = new Looks()
  readonly #asked: string
  /** The latest rows of each series: nearly every look goes into these. */
  #latest = new Map<string, Growing>()
  #rows: Record<Rolled, Map<string, GrowingRow>> = { "1m": new Map(), "1h": new Map() }

  constructor(asked = "") {
    this.#asked = asked
  }

  /** Rows that are held. */
  get size(): number {
    return this.#rows["1m"].size + this.#rows["1h"].size
  }

  /** Lets the next look have one before it, of which rates are made. */
  prime(envelope: Envelope): void {
    this.#looks.take(envelope, this.#asked, () => undefined)
  }

  take(envelope: Envelope): void {
    const { at } = envelope
    this.#looks.take(envelope, this.#asked, (key, label, names, values) => {
      const { minute, hour } = this.#growing(key, at)
      for (const row of [minute, hour]) {
        row.label = label
        add(row, names, values)
      }
    })
  }

  /** What was gathered, a series and stretch at a time; nothing is held after it. */
  release(): ReadonlyArray<Gathered> {
    const gathered = rolled.flatMap((resolution) => gather(resolution, this.#rows[resolution].values()))
    this.#rows = { "1m": new Map(), "1h": new Map() }
    this.#latest = new Map()
    return gathered
  }

  #growing(key: string, at: number): Growing {
    const known = this.#latest.get(key)
    const minuteAt = floor(at, spans["1m"].stepMicros)
    if (known !== undefined && known.minute.at === minuteAt) return known
    const growing = { minute: this.#row("1m", key, at), hour: this.#row("1h", key, at) }
    this.#latest.set(key, growing)
    return growing
  }

  #row(resolution: Rolled, key: string, at: number): GrowingRow {
    const begin = floor(at, spans[resolution].stepMicros)
    const named = `${begin} ${key}`
    const known = this.#rows[resolution].get(named)
    if (known !== undefined) return known
    const row = empty(key, begin)
    this.#rows[resolution].set(named, row)
    return row
  }
}

const gather = (resolution: Rolled, rows: Iterable<GrowingRow>): ReadonlyArray<Gathered> => {
  const stretches = new Map<string, { readonly stretch: number; readonly rows: Array<GrowingRow> }>()
  for (const row of rows) {
    const stretch = floor(row.at, spans[resolution].stretchMicros)
    const named = `${stretch} ${row.key}`
    const known = stretches.get(named)
    if (known === undefined) stretches.set(named, { stretch, rows: [row] })
    else known.rows.push(row)
  }
  return Array.from(stretches.values(), ({ stretch, rows }) => ({
    resolution,
    stretch,
    rows: rows.sort((one, other) => one.at - other.at),
  }))
}
