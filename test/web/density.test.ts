import { describe, expect, it } from "vitest"
import { barsOf, joined, missingOf, stepFor, type Density } from "../../src/web/density.ts"
import type { Extent } from "../../src/web/extent.ts"

const hour = 3_600_000
const begun = Date.parse("2026-01-31T03:00:00Z")
const extent = (millis: number): Extent => ({ firstPosition: 1, firstMillis: begun, headMillis: begun + millis })
const answer = (positions: ReadonlyArray<number>) => ({ position: 1, from: "", step_seconds: 1, positions })

describe("how full the log is", () => {
  it("is told in round steps, never more than the bar can show", () => {
    expect([1_000, 60_000, hour, 48 * hour, 4_000 * 24 * hour].map((length) => stepFor(extent(length)))).toEqual([
      100,
      500,
      30_000,
      900_000,
      20 * 24 * hour,
    ])
  })

  it("is asked for whole at first, and then only from the last boundary on", () => {
    const first = missingOf(null, extent(hour))
    expect(first).toEqual({ fromMillis: begun, toMillis: begun + hour, stepMillis: 30_000 })
    if (first === null) throw new Error("nothing was missing")
    const known = joined(null, first, answer(Array.from({ length: 121 }, (_, index) => index * 10)))
    const next = missingOf(known, extent(hour + 40_000))
    expect(next).toEqual({ fromMillis: begun + hour, toMillis: begun + hour + 60_000, stepMillis: 30_000 })
    if (next === null) throw new Error("nothing was missing")
    const longer = joined(known, next, answer([1_205, 1_300, 1_300]))
    expect(longer.positions.slice(-4)).toEqual([1_190, 1_205, 1_300, 1_300])
    expect(longer.positions).toHaveLength(123)
  })

  it("is asked for anew once the steps have to be longer", () => {
    const known: Density = { fromMillis: begun, stepMillis: 30_000, positions: [0, 1] }
    expect(missingOf(known, extent(3 * hour))).toMatchObject({ fromMillis: begun, stepMillis: 60_000 })
  })

  it("is drawn by the root of the counts: a quiet step still shows beside a burst", () => {
    const bars = barsOf(
      { fromMillis: begun, stepMillis: hour, positions: [0, 10_000, 10_100, 10_100] },
      extent(3 * hour),
    )
    expect(bars.map(({ height }) => height)).toEqual([1, 0.1, 0])
    expect(bars.map(({ from, to }) => [from.toFixed(2), to.toFixed(2)])).toEqual([
      ["0.00", "0.33"],
      ["0.33", "0.67"],
      ["0.67", "1.00"],
    ])
  })
})
