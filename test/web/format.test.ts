import { describe, expect, it } from "vitest"
import { bytes, clockIn, count, duration, exit, isStuck, kernelState, percent, ranks } from "../../src/web/format.ts"

describe("a number on the page", () => {
  it("reads as a dash when it is not known", () => {
    expect([bytes(null), percent(null), count(null), duration(null), exit(null, null)]).toEqual(Array(5).fill("–"))
  })

  it("of bytes takes the unit that leaves it short, and never reads 1024 of one", () => {
    expect([0, 1023, 1024, 1_048_064, 1_048_575, 1_610_612_736, 2 ** 70].map(bytes)).toEqual([
      "0 B",
      "1023 B",
      "1.0 KiB",
      "1.0 MiB",
      "1.0 MiB",
      "1.5 GiB",
      "1048576 PiB",
    ])
  })

  it("of seconds says the two units that matter", () => {
    expect([0, 35.9, 60, 125, 3780, 3600, 187_200, 86_459].map(duration)).toEqual([
      "0 s",
      "35 s",
      "1 min",
      "2 min 5 s",
      "1 h 3 min",
      "1 h",
      "2 d 4 h",
      "1 d",
    ])
  })

  it("of many digits is grouped", () => expect(count(1_234_567)).toBe("1,234,567"))
})

describe("an end", () => {
  it("names its signal", () => expect(exit(null, 9)).toBe("signal 9 (SIGKILL)"))
  it("with a signal that has no name keeps the number", () => expect(exit(null, 35)).toBe("signal 35"))
  it("says its code", () => expect(exit(0, null)).toBe("code 0"))
})

describe("a kernel state", () => {
  it("has the letter and the word", () => expect(kernelState("D")).toBe("D uninterruptible"))
  it("that nobody knows keeps its letter", () => expect(kernelState("Q")).toBe("Q"))
})

describe("a process that should work", () => {
  it("does not when it is stopped, stuck or dead", () => {
    expect(["D", "T", "t", "Z"].every(isStuck)).toBe(true)
    expect(["R", "S", "I", null].some(isStuck)).toBe(false)
  })
})

describe("ranks", () => {
  it("are gathered into runs", () => expect(ranks([7, 0, 1, 2, 3, 9, 8])).toBe("0–3, 7–9"))
  it("of a pair are both named", () => expect(ranks([1, 0, 5])).toBe("0, 1, 5"))
  it("may be none", () => expect(ranks([])).toBe(""))
})

describe("a clock", () => {
  const millis = Date.parse("2026-01-31T23:12:45.678Z")

  it("shows the time of its zone in 24 hours", () => {
    expect(clockIn("UTC").time(millis)).toBe("23:12:45")
    expect(clockIn("Asia/Tokyo").time(millis)).toBe("08:12:45")
    expect(clockIn("UTC").time(Date.parse("2026-01-31T00:00:00Z"))).toBe("00:00:00")
  })
  it("knows the day there", () => {
    expect(clockIn("UTC").day(millis)).toBe("Sat 31 Jan 2026")
    expect(clockIn("Asia/Tokyo").dayAndTime(millis)).toBe("1 Feb 08:12:45")
  })
  it("names its zone", () => expect(clockIn("UTC").zone(millis)).toBe("UTC"))
})
