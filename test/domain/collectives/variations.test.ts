import { afterAll, describe, expect, it } from "vitest"
import { allFaults } from "./faults.ts"
import { type Score, score, tableByFault, tableByKind } from "./score.ts"
import { vary } from "./variations.ts"

const seedsPerFault = 17
const scores: Array<Score> = []

const told = ({ variation, verdict }: Score): string =>
  `${variation.about}: ${verdict.kind}, not ${variation.expected.kinds.join(" or ")}: ${verdict.sentence}`

describe("verdicts on three hundred seeded variations of a job", { timeout: 60_000 }, () => {
  afterAll(() => {
    process.stdout.write(`\n${tableByFault(scores)}\n\n${tableByKind(scores)}\n\n`)
  })

  for (const fault of allFaults) {
    it(`tell ${fault} for what it is`, () => {
      const own = Array.from({ length: seedsPerFault }, (_, index) => score(vary(fault, index + 1)))
      scores.push(...own)
      expect(own.filter(({ wrongName }) => wrongName).map(told)).toEqual([])
    })
  }

  it("are right in kind and in name", () => {
    expect(scores.length).toBeGreaterThanOrEqual(300)
    const share = (holds: (one: Score) => boolean) => scores.filter(holds).length / scores.length
    expect(
      share(({ kindRight }) => kindRight),
      scores
        .filter((one) => !one.kindRight)
        .map(told)
        .join("\n"),
    ).toBeGreaterThanOrEqual(0.98)
    expect(
      share(({ namesRight }) => namesRight),
      scores
        .filter((one) => !one.namesRight)
        .map(told)
        .join("\n"),
    ).toBeGreaterThanOrEqual(0.98)
  })

  it("name nobody where nothing is wrong", () => {
    const sound = scores.filter(({ variation }) => variation.expected.kinds.includes("healthy"))
    expect(sound.length).toBeGreaterThan(80)
    expect(sound.filter(({ verdict }) => verdict.culprits.length > 0).map(told)).toEqual([])
  })
})
