import { Either } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Moment from "../../src/domain/Moment.ts"

const right = (text: string) => Either.getOrThrow(Moment.parse(text))

describe("a moment", () => {
  it("is a position, a time, or a span back", () => {
    expect(right("4711")).toEqual({ _tag: "AtPosition", position: 4711 })
    expect(right("2026-01-31T03:00:00Z")).toEqual({ _tag: "AtTime", micros: 1_769_828_400_000_000 })
    expect(right("2026-01-31T03:00:00.000001Z")).toEqual({ _tag: "AtTime", micros: 1_769_828_400_000_001 })
    expect(right("2026-01-31T04:00:00+01:00")).toEqual({ _tag: "AtTime", micros: 1_769_828_400_000_000 })
    expect(right("-10m")).toEqual({ _tag: "Ago", micros: 600_000_000 })
    expect(right("now")).toEqual({ _tag: "Now" })
    expect(right("")).toEqual({ _tag: "Now" })
  })

  it("says what it takes when it is none of these", () => {
    for (const text of [
      "yesterday",
      "-10",
      "-m",
      "1e5",
      "2026-13-01T00:00:00Z",
      "2026-01-01",
      "12:00",
      "-1x",
      "½",
      "-999999999d",
    ]) {
      const result = Moment.parse(text)
      expect(Either.isLeft(result), text).toBe(true)
      if (Either.isLeft(result)) expect(result.left).toContain("ISO 8601")
    }
  })

  it("writes and reads microseconds without losing one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (micros) => {
        expect(Moment.isoMicros(Moment.isoTime(micros))).toBe(micros)
      }),
    )
  })
})
