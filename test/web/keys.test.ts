import { describe, expect, it } from "vitest"
import { meaningOf } from "../../src/web/keys.ts"
import type { Mark } from "../../src/web/marks.ts"
import { initial, type PageState } from "../../src/web/PageState.ts"
import { picture, state } from "./given.ts"

const mark = (position: number): Mark => ({ position, millis: position, tone: "start", words: "", process: null })
const live: PageState = { ...initial(null, 0), marks: [mark(10), mark(20), mark(30)] }
const past: PageState = { ...live, wanted: "20" }
const pressed = (page: PageState, key: string, held: Partial<Record<"altKey" | "ctrlKey" | "metaKey", boolean>> = {}) =>
  meaningOf(page, { key, altKey: false, ctrlKey: false, metaKey: false, ...held })
/** The moment that it leads to. */
const press = (...args: Parameters<typeof pressed>) => {
  const meaning = pressed(...args)
  return meaning?._tag === "Moment" ? meaning.at : meaning
}

describe("a key", () => {
  it("brings back to live from the past, and means nothing there", () => {
    expect(["Escape", "l", "L"].map((key) => press(past, key))).toEqual([null, null, null])
    expect(press(live, "L")).toBeUndefined()
  })
  it("steps from mark to mark, and past the last one to live", () => {
    expect([press(live, "["), press(past, "["), press(past, "]")]).toEqual(["30", "10", "30"])
    expect(press({ ...past, wanted: "30" }, "]")).toBeNull()
    expect([press({ ...past, wanted: "10" }, "["), press(live, "]")]).toEqual([undefined, undefined])
  })
  it("steps from where a time lies in the log", () => {
    const at = "2026-01-31T03:05:00.000Z"
    const there = { ...past, wanted: at, picture: picture({ at, state: state({ position: 25 }) }) }
    expect([press(there, "["), press(there, "]")]).toEqual(["20", "30"])
  })
  it("steps by a second from anywhere on the page, and not beyond live", () => {
    const log = state({ position: 40 })
    expect(press({ ...live, log }, "ArrowRight")).toBeUndefined()
    expect(typeof press({ ...live, log }, "ArrowLeft")).toBe("string")
    expect(press(live, "ArrowLeft")).toBeUndefined()
  })
  it("leads to a view by its number, into the filter, and to the list of keys", () => {
    expect(pressed(past, "5")).toEqual({ _tag: "View", view: "log" })
    expect(["/", "?", "9"].map((key) => pressed(live, key)?._tag)).toEqual(["Filter", "Help", undefined])
  })
  it("of the browser is left to the browser", () => {
    expect([press(past, "l", { ctrlKey: true }), press(past, "[", { altKey: true }), press(past, "x")]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
