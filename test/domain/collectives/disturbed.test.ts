import { describe, expect, it } from "vitest"
import { allFaults } from "./faults.ts"
import { type Score, score } from "./score.ts"
import { vary } from "./variations.ts"

const told = ({ variation, verdict }: Score): string => `${variation.about}: ${verdict.kind}: ${verdict.sentence}`

describe("verdicts on records that come out of order, twice, or not at all", { timeout: 60_000 }, () => {
  for (const [name, disturbance] of [
    ["shuffled in windows of 64, 5 % twice", { shuffleWindow: 64, duplication: 0.05 }],
    ["shuffled in windows of 32, 2 % twice, 1 % lost", { shuffleWindow: 32, duplication: 0.02, loss: 0.01 }],
  ] as const) {
    it(`are the same or cannot tell, and never name the wrong one: ${name}`, () => {
      const own = allFaults.flatMap((fault) => [1, 2, 3].map((seed) => score(vary(fault, 5000 + seed, disturbance))))
      expect(own.filter(({ wrongName }) => wrongName).map(told)).toEqual([])
      const other = own.filter(({ kindRight, verdict }) => !kindRight && verdict.kind !== "cannot_tell")
      expect(other.map(told)).toEqual([])
    })
  }
})
