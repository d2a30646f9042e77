import { describe, expect, it } from "vitest"
import { micros, timeLabels } from "../../../src/web/collectives/scale.ts"
import { lengthOf, moved, wantedFor, zoomed } from "../../../src/web/collectives/windows.ts"

const extent = { from: 0, to: 3_600e6 }
const second = { from: 100e6, to: 101e6 }

describe("the timeline's window", () => {
  it("zooms around the place that is pointed at, down to microseconds and no further", () => {
    expect(zoomed(second, extent, 0.5, 0.25)).toEqual({ from: 100.125e6, to: 100.625e6 })
    let window = second
    for (let turn = 0; turn < 60; turn++) window = zoomed(window, extent, 0.5, 0.5)
    expect(lengthOf(window)).toBe(200)
    for (let turn = 0; turn < 60; turn++) window = zoomed(window, extent, 2, 0.5)
    expect(lengthOf(window)).toBe(lengthOf(extent))
  })
  it("moves no further than a little beyond the log", () => {
    expect(moved(second, extent, -1e12).from).toBe(-0.1e6)
    expect(moved(second, extent, 1e12).to).toBe(3_600.1e6)
  })
})

describe("what the timeline asks for", () => {
  it("is slices while nobody knows how many operations there are", () => {
    expect(wantedFor(extent, extent, null, null, null)).toEqual({ ...extent, slice: 9_000_000 })
  })
  it("is the operations themselves once they are few, with some to either side", () => {
    expect(wantedFor(second, extent, null, null, 500)).toEqual({ from: 99.5e6, to: 101.5e6, slice: null })
  })
  it("is nothing while what is known covers the window finely enough", () => {
    expect(wantedFor(second, extent, { ...second, slice: 0 }, null, 500)).toBeNull()
    const sliced = { from: 0, to: 200e6, slice: 3_000 }
    expect(wantedFor(second, extent, null, sliced, 1e6)).toBeNull()
    expect(wantedFor(second, extent, null, { ...sliced, slice: 9_000_000 }, 1e6)?.slice).toBe(3_000)
  })
})

describe("the scale", () => {
  it("says spans in the unit that fits", () => {
    expect([null, 0, 12, 4_560, 45_600, 7_800_000, 150e6, 7_200e6].map(micros)).toEqual([
      "–",
      "0 µs",
      "12 µs",
      "4.56 ms",
      "45.6 ms",
      "7.80 s",
      "2.50 min",
      "2.00 h",
    ])
  })
  it("labels round times, few of them, and parts of a second without their second", () => {
    const labels = timeLabels({ from: 1_000_000e6, to: 1_000_000e6 + 1_000 })
    expect(labels.length).toBeLessThanOrEqual(9)
    expect(labels.slice(1, 3).map(({ text }) => text)).toEqual([".0002", ".0004"])
    for (const length of [1_000, 1e6, 60e6, 3_600e6, 1e13]) {
      expect(timeLabels({ from: 5, to: 5 + length }).length).toBeLessThanOrEqual(9)
    }
  })
})
