import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Position } from "../../../src/domain/Brands.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import * as wire from "../../../src/wire/verdict.ts"
import { allFaults } from "./faults.ts"
import { foldAll } from "./score.ts"
import { vary } from "./variations.ts"

const position = Position(1)

describe("answers about collectives", () => {
  it("are of the shape that they promise, whatever happened", { timeout: 60_000 }, () => {
    for (const [index, fault] of allFaults.entries()) {
      const { envelopes, now } = vary(fault, 8000 + index)
      const states = foldAll(envelopes)
      const { collectives } = states
      const holds = <A, I>(schema: Schema.Schema<A, I>, answer: A) =>
        expect(Schema.is(schema)(JSON.parse(JSON.stringify(answer))), fault).toBe(true)
      holds(wire.VerdictAnswer, wire.verdictAnswer(judge(states, now), position))
      holds(wire.CommunicatorsAnswer, wire.communicatorsAnswer(collectives, position))
      holds(wire.RanksAnswer, wire.ranksAnswer(collectives, position))
      holds(wire.MatrixAnswer, wire.matrixAnswer(collectives, position))
      holds(wire.StatisticsAnswer, wire.statisticsAnswer(collectives, position))
      holds(wire.WaitsAnswer, wire.waitsAnswer(collectives, now, position))
    }
  })

  it("say who waits for whom", () => {
    const { envelopes, now } = vary("swapped transfers", 3)
    const { waits } = wire.waitsAnswer(foldAll(envelopes).collectives, now, position)
    const receiving = waits.filter(({ op }) => op === "recv")
    expect(receiving).toHaveLength(2)
    expect(receiving[0]?.waits_for).toEqual([receiving[1]?.rank])
    expect(receiving[1]?.waits_for).toEqual([receiving[0]?.rank])
  })

  it("charge the rank that computes longest with what the others wait", () => {
    const { envelopes, expected, processOf } = vary("slow rank", 4)
    const { ranks } = wire.ranksAnswer(foldAll(envelopes).collectives, position)
    const worst = [...ranks].sort((a, b) => b.seconds_lost - a.seconds_lost)[0]
    expect(worst === undefined ? -1 : processOf(worst, null)).toBe(expected.culprits[0]?.[0])
    expect(worst?.straggler).toBe(true)
    expect(ranks.filter(({ straggler }) => straggler)).toHaveLength(1)
  })
})
