import { describe, expect, it } from "vitest"
import { isStep, momentOf, searchOf } from "../../src/web/address.ts"

describe("the address of the page", () => {
  it("names the moment", () => {
    expect(momentOf("?at=4711")).toBe("4711")
    expect(momentOf("?at=2026-01-31T03:12:45.000Z")).toBe("2026-01-31T03:12:45.000Z")
  })
  it("without a moment is live", () => {
    expect([momentOf(""), momentOf("?at="), momentOf("?at=now"), momentOf("?x=1")]).toEqual([null, null, null, null])
  })
  it("comes back as it went, and is readable", () => {
    for (const at of ["4711", "2026-01-31T03:12:45.000Z", "2026-01-31T03:12:45+01:00", "-10m", "&<script>#"]) {
      expect(momentOf(searchOf("", at))).toBe(at)
    }
    expect(searchOf("", "2026-01-31T03:12:45.000Z")).toBe("?at=2026-01-31T03:12:45.000Z")
  })
  it("keeps whatever else it holds", () => {
    expect(searchOf("?x=1&at=5", "6")).toBe("?x=1&at=6")
    expect(searchOf("?x=1&at=5", null)).toBe("?x=1")
    expect(searchOf("?at=5", null)).toBe("")
  })
  it("makes history only on the border of the present", () => {
    expect([isStep(null, "5"), isStep("5", null), isStep("5", "6"), isStep(null, null)]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
