import { describe, expect, it } from "vitest"
import { busBandwidth, bytesOf } from "../../../src/domain/collectives/bandwidth.ts"
import { type Clock, fit, toReference } from "../../../src/domain/collectives/Clock.ts"
import { kindOf } from "../../../src/domain/collectives/kinds.ts"
import * as OpGroup from "../../../src/domain/collectives/OpGroup.ts"
import { addBeat, noBeats, regression } from "../../../src/domain/collectives/regression.ts"
import { noSignatures, signatureOf } from "../../../src/domain/collectives/Signature.ts"
import * as Sketch from "../../../src/domain/collectives/Sketch.ts"
import { seeded } from "./Chance.ts"

const signature = (op: string, count = 1024, dataType = "float32") =>
  signatureOf(noSignatures(), { op, count, dataType, rootRank: -1, algorithm: "ring", filename: "" })

describe("a sketch of a distribution", () => {
  it("answers quantiles within its stated error, in one piece and merged", () => {
    const chance = seeded(1)
    const values = Array.from({ length: 20_000 }, () => 10 ** chance.between(0, 5))
    const whole = Sketch.empty()
    const parts = [Sketch.empty(), Sketch.empty()]
    for (const [index, value] of values.entries()) {
      Sketch.add(whole, value)
      Sketch.add(parts[index % 2]!, value)
    }
    const merged = Sketch.copy(parts[0]!)
    Sketch.merge(merged, parts[1]!)
    const sorted = [...values].sort((a, b) => a - b)
    for (const q of [0, 0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = sorted[Math.floor(q * (sorted.length - 1))]!
      for (const sketch of [whole, merged]) {
        expect(Math.abs(Sketch.quantile(sketch, q) / exact - 1)).toBeLessThanOrEqual(Sketch.relativeError + 1e-9)
      }
    }
  })

  it("stays bounded, and keeps the upper quantiles, over any range of values", () => {
    const sketch = Sketch.empty()
    for (let power = -300; power <= 300; power++) Sketch.add(sketch, 10 ** power)
    for (const odd of [0, -5, Number.NaN, Infinity]) Sketch.add(sketch, odd)
    expect(sketch.buckets.length).toBeLessThanOrEqual(1024)
    expect(sketch.count).toBe(603)
    expect(Sketch.quantile(sketch, 1) / 1e300).toBeCloseTo(1, 1)
  })
})

describe("bandwidth", () => {
  it("follows nccl-tests' conventions", () => {
    const of = (op: string, micros = 1000) => busBandwidth(op, bytesOf(signature(op, 1_000_000), 8), 8, micros)
    expect(of("allreduce")).toBeCloseTo((2 * 7 * 4e6) / 8 / 1e6)
    expect(of("broadcast")).toBeCloseTo(4)
    expect(of("allgather")).toBeCloseTo((4e6 * 8 * 7) / 8 / 1e6)
    expect(of("allreduce", 0)).toBeNull()
    expect(of("barrier")).toBeNull()
  })

  it("is not guessed for a type that nobody knows, or a rank alone", () => {
    expect(bytesOf(signature("allreduce", 1, "unknown"), 8)).toBeNull()
    expect(bytesOf(signature("alltoallv"), 8)).toBeNull()
    expect(busBandwidth("allreduce", 4096, 1, 10)).toBeNull()
  })
})

describe("the name of an operation", () => {
  it("is one, however its reporter spells it", () => {
    for (const op of ["all_reduce", "AllReduce", "allreduce", "ncclAllReduce", "MPI_Iallreduce", "c10d::allreduce_"]) {
      expect(kindOf(op).name, op).toBe("allreduce")
    }
    expect(kindOf("_reduce_scatter_base").name).toBe("reduce_scatter")
    expect(kindOf("all_gather_into_tensor").name).toBe("allgather")
    expect(kindOf("MPI_Bcast").name).toBe("broadcast")
    expect(kindOf("alltoallv")).toMatchObject({ name: "alltoallv", shape: "all_to_all", unevenCounts: true })
    expect(kindOf("frobnicate")).toMatchObject({ name: "frobnicate", shape: "unknown" })
  })
})

describe("a clock's line", () => {
  it("finds offset and drift through jitter, and is not moved by odd ends", () => {
    const chance = seeded(3)
    let clock: Clock | null = null
    for (let batch = 0; batch < 8; batch++) {
      const reference = Array.from({ length: 32 }, (_, index) => (batch * 32 + index) * 1e5)
      const own = reference.map((end, index) => 5e8 + end * (1 + 4e-5) + chance.normal() * 10 + (index === 7 ? 5e4 : 0))
      clock = fit(clock, own, reference)
    }
    if (clock === null) throw new Error("no clock was fitted")
    expect(clock.drift).toBeCloseTo(-4e-5, 5)
    expect(Math.abs(toReference(clock, 5e8 + 3e7 * (1 + 4e-5)) - 3e7)).toBeLessThan(60)
    expect(clock.uncertainty).toBeLessThan(30)
  })
})

describe("statistics of like operations", () => {
  it("count an outlier only when it is far out and worth speaking of", () => {
    const group = OpGroup.make(signature("allreduce"), 12)
    const chance = seeded(5)
    const observe = (transferMicros: number) =>
      OpGroup.observe(group, { ordinal: 1, transferMicros, skewMicros: 0, busbw: null })
    for (let index = 0; index < 40; index++) observe(100 + chance.normal())
    expect(group.outliers).toBe(0)
    observe(110)
    expect(group.outliers).toBe(0)
    observe(200)
    expect(group.outliers).toBe(1)
  })

  it("see iterations that have become longer, for long enough", () => {
    const rhythm = [signature("allgather"), signature("allgather"), signature("reduce_scatter")]
    const beatsWith = (slow: number) => {
      const beats = noBeats()
      let end = 0
      for (let index = 0; index < 40 * 3; index++) {
        end += index >= (40 - slow) * 3 ? 1300 : 1000
        addBeat(beats, rhythm[index % 3]!, end)
      }
      return regression(beats)
    }
    expect(beatsWith(0)).toBeNull()
    expect(beatsWith(6)).toBeNull()
    expect(beatsWith(15)).toMatchObject({ period: 3, beforeMicros: 3000, nowMicros: 3900 })
  })
})
