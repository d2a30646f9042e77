import { describe, expect, it } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import type { Measure } from "../../src/domain/events/MeasureEvents.ts"
import * as Measures from "../../src/domain/samples/Measures.ts"

const envelope = (event: Event) => ({ position: Position(1), at: 0, mono: 0, actor: "", command: null, event })
const taken = (collector: string, seconds: number, ...measures: ReadonlyArray<Measure>) =>
  envelope({ _tag: "MeasuresTaken", collector, takenMicros: seconds * 1e6, measures })
const counter = (name: string, value: number, labels: Record<string, string> = {}): Measure => ({
  name,
  kind: "counter",
  labels,
  value,
})

const folded = (...events: ReadonlyArray<ReturnType<typeof envelope>>) =>
  events.reduce(Measures.evolve, Measures.initial())
const rates = (state: Measures.Measures) => Array.from(state.values(), Measures.rateOf)

describe("what was measured", () => {
  it("has rates of what counts, and none over a start anew or a clock that went back", () => {
    expect(rates(folded(taken("a", 1, counter("n", 10))))).toEqual([null])
    expect(rates(folded(taken("a", 1, counter("n", 10)), taken("a", 3, counter("n", 20))))).toEqual([5])
    expect(rates(folded(taken("a", 1, counter("n", 10)), taken("a", 3, counter("n", 2))))).toEqual([null])
    expect(rates(folded(taken("a", 3, counter("n", 10)), taken("a", 3, counter("n", 20))))).toEqual([null])
  })

  it("tells apart by labels, whatever their order", () => {
    const one = counter("n", 10, { a: "1", b: "2" })
    const same = counter("n", 20, { b: "2", a: "1" })
    expect(rates(folded(taken("a", 1, one), taken("a", 2, same)))).toEqual([10])
    expect(folded(taken("a", 1, one, counter("n", 1, { a: "1" }))).size).toBe(2)
  })

  it("forgets what a collector sees no more, and keeps what a process said of itself", () => {
    const state = folded(
      taken("a", 1, counter("gone", 1), counter("stays", 1)),
      taken("b", 1, counter("other", 1)),
      taken(Measures.custom, 1, counter("first", 1)),
      taken(Measures.custom, 2, counter("second", 1)),
      taken("a", 2, counter("stays", 2)),
    )
    expect(Array.from(state.values(), ({ measure }) => measure.name).sort((a, b) => a.localeCompare(b))).toEqual([
      "first",
      "other",
      "second",
      "stays",
    ])
  })

  it("holds ten thousand series at most", () => {
    const many = Array.from({ length: 10_500 }, (_, index) => counter(`n${index}`, 1))
    const state = folded(taken(Measures.custom, 1, ...many))
    expect([state.size, state.values().next().value?.measure.name]).toEqual([10_000, "n500"])
  })
})
