import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  extentOf,
  fractionOf,
  momentAt,
  stepped,
  ticksOf,
  labelsOf,
  troubleOf,
  type Extent,
} from "../../src/web/extent.ts"
import type { Mark } from "../../src/web/marks.ts"
import { firstAt, headAt, healthy, state, verdict } from "./given.ts"

const extent: Extent = { firstPosition: 1, firstMillis: Date.parse(firstAt), headMillis: Date.parse(headAt) }
const minute = 60_000
const mark = (millis: number, tone: Mark["tone"]): Mark => ({ position: 1, millis, tone, words: "", process: null })

describe("the extent of a log", () => {
  it("reaches from its first event to its head", () => expect(extentOf(state())).toEqual(extent))
  it("of an empty log is none", () => {
    expect(extentOf(null)).toBeNull()
    expect(extentOf(state({ first: { position: 0, at: null }, head: { position: 0, at: null } }))).toBeNull()
  })
  it("never ends before it begins, whatever the wall clock did", () => {
    const turned = extentOf(state({ first: { position: 1, at: headAt }, head: { position: 2, at: firstAt } }))
    expect(turned).toMatchObject({ firstMillis: extent.headMillis, headMillis: extent.headMillis })
  })
})

describe("a place on the bar", () => {
  it("lies between its ends", () => {
    expect(fractionOf(extent, extent.firstMillis + 5 * minute)).toBe(0.25)
    expect(fractionOf(extent, 0)).toBe(0)
    expect(fractionOf(extent, extent.headMillis + minute)).toBe(1)
  })
  it("of a log of one instant is its head", () => {
    expect(fractionOf({ firstPosition: 1, firstMillis: 5, headMillis: 5 }, 5)).toBe(1)
  })
  it("stands for a time, its far end for now and its near end for the first event", () => {
    expect(momentAt(extent, extent.firstMillis + 5 * minute)).toBe("2026-01-31T03:05:00.000Z")
    expect(momentAt(extent, extent.headMillis)).toBeNull()
    expect(momentAt(extent, extent.firstMillis)).toBe("1")
  })
  it("and its moment answer to each other", () => {
    fc.assert(
      fc.property(fc.integer({ min: extent.firstMillis + 1, max: extent.headMillis - 1 }), (millis) => {
        expect(Date.parse(momentAt(extent, millis) ?? "")).toBe(millis)
      }),
    )
  })
})

describe("a key on the bar", () => {
  const here = extent.firstMillis + 10 * minute
  const moved = (key: string, coarse = false) => {
    const target = stepped(extent, here, key, coarse)
    return target === null ? null : (target - here) / 1000
  }
  it("moves by a second, with shift by ten", () => {
    expect([moved("ArrowLeft"), moved("ArrowRight"), moved("ArrowLeft", true)]).toEqual([-1, 1, -10])
  })
  it("moves by a page, or to either end", () => {
    expect([moved("PageDown"), moved("PageUp"), moved("Home"), moved("End")]).toEqual([-60, 60, -600, 600])
  })
  it("never leaves the bar", () => {
    expect(stepped(extent, extent.firstMillis, "ArrowLeft", true)).toBe(extent.firstMillis)
    expect(stepped(extent, extent.headMillis, "PageUp", false)).toBe(extent.headMillis)
  })
  it("that means nothing moves nothing", () => expect(moved("a")).toBeNull())
})

describe("ticks", () => {
  it("of one place become one, in the tone of the worst", () => {
    const at = extent.firstMillis + minute
    expect(ticksOf(extent, [mark(at, "bad"), mark(at + 10, "start"), mark(at + 5 * minute, "end")])).toEqual([
      { fraction: 0.05, tone: "bad", count: 2 },
      { fraction: 0.3, tone: "end", count: 1 },
    ])
  })
  it("stay few, however many marks there are", () => {
    const many = Array.from({ length: 5000 }, (_, index) => mark(extent.firstMillis + index * 240, "start"))
    expect(ticksOf(extent, many).length).toBeLessThanOrEqual(241)
  })
  it("outside of the extent are left out", () => {
    expect(ticksOf(extent, [mark(extent.headMillis + 1, "bad")])).toEqual([])
  })
})

describe("the stretch of trouble", () => {
  it("is sure only where the wait had lasted as long as the agent waits before it calls it one", () => {
    const trouble = troubleOf(extent, verdict({ age_seconds: 300 }), extent.headMillis, 60_000)
    expect(trouble).toEqual({ from: 0.75, sure: 0.8, to: 1 })
    expect(troubleOf(extent, verdict({ age_seconds: 30 }), extent.headMillis, 60_000)?.sure).toBe(1)
  })
  it("is none while all is healthy", () => {
    expect(troubleOf(extent, healthy({ age_seconds: 3 }), extent.headMillis, 60_000)).toBeNull()
  })
})

describe("the times under the bar", () => {
  it("are round, and keep away from each other and the ends", () => {
    const labels = labelsOf(extent, 0.1).map(({ millis }) => new Date(millis).toISOString().slice(11, 19))
    expect(labels).toEqual([
      "03:02:00",
      "03:04:00",
      "03:06:00",
      "03:08:00",
      "03:10:00",
      "03:12:00",
      "03:14:00",
      "03:16:00",
      "03:18:00",
    ])
  })
  it("are none where there is no length to divide", () => {
    expect(labelsOf({ ...extent, headMillis: extent.firstMillis }, 0.1)).toEqual([])
  })
})
