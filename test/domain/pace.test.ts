import { describe, expect, it } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import * as pace from "../../src/domain/samples/pace.ts"
import * as Samples from "../../src/domain/samples/Samples.ts"

const one = { pid: 7, startTicks: 1, parentPid: 1, name: "a", state: "S", cpuTicks: 0, residentBytes: 1e6, threads: 1 }
const counters = { ...one, virtualBytes: 0, readBytes: null, writtenBytes: null }

/** Looks ten seconds apart. */
const after = (...looks: ReadonlyArray<Partial<typeof counters>>) =>
  looks.reduce(
    (state, change, index) =>
      Samples.evolve(state, {
        position: Position(index + 1),
        at: 0,
        mono: 0,
        actor: "",
        command: null,
        event: {
          _tag: "SamplesTaken",
          collector: "processes",
          takenMicros: index * 10e6,
          host: null,
          processes: [{ ...counters, ...change }],
        },
      }),
    Samples.initial(),
  )

describe("adaptive sampling", () => {
  it("takes for movement whatever is new, works, grows, or changes its state", () => {
    expect(pace.isMoving(after({}))).toBe(true)
    expect(pace.isMoving(after({}, {}))).toBe(false)
    expect(pace.isMoving(after({}, { cpuTicks: 9 }))).toBe(false)
    expect(pace.isMoving(after({}, { cpuTicks: 10 }))).toBe(true)
    expect(pace.isMoving(after({}, { residentBytes: 1.02e6 }))).toBe(true)
    expect(pace.isMoving(after({}, { state: "T" }))).toBe(true)
    expect(pace.isMoving(after({}, { threads: 2 }))).toBe(true)
    expect(pace.isMoving(Samples.initial())).toBe(false)
  })

  it("slows down step by step, never beyond four intervals, and is back at once", () => {
    const flat = [1, 2, 3, 4].reduce((paces) => [...paces, pace.next(paces.at(-1) ?? 1, false)], [1])
    expect(flat).toEqual([1, 2, 4, 4, 4])
    expect(pace.next(4, true)).toBe(1)
  })
})
