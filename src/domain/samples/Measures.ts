// The latest of everything that was measured, by name and labels, and the rates of what counts.

import type { Envelope } from "../Envelope.ts"
import type { Measure, MeasuresTaken } from "../events/MeasureEvents.ts"

interface Look {
  readonly value: number
  readonly takenMicros: number
}

export interface MeasureSeries {
  readonly collector: string
  readonly measure: Measure
  readonly last: Look
  /** Of a counter, to tell its rate; null for a gauge and before there are two. */
  readonly before: Look | null
  /** Wall time of the last look, µs. */
  readonly at: number
}

/** By key; updated in place. What was told of last comes last. */
export type Measures = Map<string, MeasureSeries>

/** The collector of what processes tell of themselves. */
export const custom = "custom"

/** Series beyond these push out those that were not told of for longest. */
const seriesMost = 10_000

export const initial = (): Measures => new Map()

export const copy = (state: Measures): Measures => new Map(state)

export const evolve = (state: Measures, { event, at }: Envelope): Measures => {
  if (event._tag === "AgentStarted") return endedLife(state)
  return event._tag === "MeasuresTaken" ? take(state, event, at) : state
}

const take = (state: Measures, { collector, takenMicros, measures }: MeasuresTaken, at: number): Measures => {
  // A collector's look tells of all that is there; a process tells what it likes.
  const stale = collector === custom ? null : new Set(keysOf(state, collector))
  for (const measure of measures) {
    const key = keyOf(collector, measure)
    const known = state.get(key)
    stale?.delete(key)
    state.delete(key)
    const before = measure.kind === "counter" ? (known?.last ?? null) : null
    state.set(key, { collector, measure, last: { value: measure.value, takenMicros }, before, at })
  }
  for (const key of stale ?? []) state.delete(key)
  for (const key of state.keys()) {
    if (state.size <= seriesMost) break
    state.delete(key)
  }
  return state
}

/** What processes told of themselves holds on; the collectors look anew. */
const endedLife = (state: Measures): Measures => {
  for (const [key, series] of state) if (series.collector !== custom) state.delete(key)
  return state
}

function* keysOf(state: Measures, collector: string): Generator<string> {
  for (const [key, series] of state) if (series.collector === collector) yield key
}

const keyOf = (collector: string, { name, labels }: Measure): string =>
  JSON.stringify([collector, name, Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1))])

/** A second; null for a gauge, for a counter that was told of once, and for one that started anew. */
export const rateOf = ({ last, before }: MeasureSeries): number | null => {
  if (before === null) return null
  const seconds = (last.takenMicros - before.takenMicros) / 1e6
  return seconds <= 0 || last.value < before.value ? null : (last.value - before.value) / seconds
}
