import { describe, expect, it } from "vitest"
import { hashOf, overview, placeAt, placeOf, withQuery } from "../../src/web/Place.ts"

describe("a place on the page", () => {
  it("reads back as it was written, whatever its parts hold", () => {
    const odd = { view: "log", path: ["a/b?c#d %"], query: { text: "x&y=z #é", types: "agent,job" } } as const
    expect(placeOf(hashOf(odd))).toEqual(odd)
    expect(placeOf(hashOf(placeAt("processes", "42")))).toEqual(placeAt("processes", "42"))
  })
  it("that names no view, or none of ours, is the overview", () => {
    expect(["", "#", "#/", "#/nowhere/1", "#verdict", "#/%E0%A4"].map(placeOf)).toEqual(Array(6).fill(overview))
  })
  it("keeps its path when it is looked at differently, and drops what was emptied", () => {
    const place = placeOf("#/log/7?types=agent&text=x")
    expect(hashOf(withQuery(place, { text: "", actor: "uid:0" }))).toBe("#/log/7?types=agent&actor=uid%3A0")
  })
})
