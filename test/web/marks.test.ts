import { describe, expect, it } from "vitest"
import {
  joinMarks,
  markAfter,
  markAt,
  markBefore,
  maxMarks,
  parseMarks,
  wordsOf,
  type Mark,
} from "../../src/web/marks.ts"

const line = (position: number, type: string, data: unknown) =>
  JSON.stringify({ position, at: "2026-01-31T03:12:45.123456Z", type, data })
const mark = (position: number): Mark => ({ position, millis: position, tone: "start", words: "booted", process: null })

describe("marks", () => {
  it("are read from events, one a line", () => {
    const text = [
      line(3, "ProcessBooted", { process: "p1", identity: { pid: 7 } }),
      line(9, "ProcessExited", { process: "p1", code: null, signal: 9 }),
      line(12, "ProcessExited", { process: "p2", code: 0, signal: null }),
      line(13, "ProcessExited", { process: "p3", code: null, signal: null }),
      line(14, "ProcessSignalled", { process: "p3", signal: "SIGTERM" }),
      "",
    ].join("\n")
    expect(parseMarks(text).map(({ position, tone, words, process }) => [position, tone, words, process])).toEqual([
      [3, "start", "booted", "p1"],
      [9, "bad", "exited (signal 9)", "p1"],
      [12, "end", "exited (code 0)", "p2"],
      [13, "bad", "exited (nobody saw how)", "p3"],
      [14, "end", "was sent SIGTERM", "p3"],
    ])
    expect(parseMarks(text)[0]?.millis).toBe(Date.parse("2026-01-31T03:12:45.123Z"))
  })

  it("pass by lines that are torn or no events", () => {
    const text = ["null", "[]", '{"position":1', '{"position":1,"at":"soon","type":"ProcessBooted"}', "7"].join("\n")
    expect(parseMarks(text)).toEqual([])
  })

  it("of a type that a newer agent sends keep its name", () => {
    expect(parseMarks(line(1, "RocketLaunched", null))[0]?.words).toBe("RocketLaunched")
  })

  it("joined twice are there once", () => {
    const known = joinMarks([], [mark(1), mark(2)])
    expect(joinMarks(known, [mark(2), mark(3)]).map((one) => one.position)).toEqual([1, 2, 3])
    expect(joinMarks(known, [mark(2)])).toBe(known)
  })

  it("are bounded: the oldest go", () => {
    const many = Array.from({ length: maxMarks + 2 }, (_, index) => mark(index + 1))
    const kept = joinMarks([], many)
    expect([kept.length, kept[0]?.position]).toEqual([maxMarks, 3])
  })

  it("are found before, at and after a position", () => {
    const marks = [mark(10), mark(20), mark(30)]
    expect(markBefore(marks, 20)?.position).toBe(10)
    expect(markAfter(marks, 20)?.position).toBe(30)
    expect(markAt(marks, 20)?.position).toBe(20)
    expect([markBefore(marks, 10), markAfter(marks, 30), markAt(marks, 11)]).toEqual([null, null, null])
  })

  it("name their process where it is known", () => {
    const one: Mark = { ...mark(1), process: "0b5f9a3e-rank0" }
    expect(wordsOf(one, () => "rank0")).toBe("rank0 booted")
    expect(wordsOf(one, () => null)).toBe("process 0b5f9a3e booted")
    expect(wordsOf(mark(1), () => null)).toBe("booted")
  })
})
