import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { judgeAll } from "./damage.ts"
import { cutRounds, killRounds, tell } from "./faults.ts"
import { quickFolder } from "./folder.ts"
import { built, lacking } from "./program.ts"

const HOUR = 3_600_000

describe("hundreds of rounds", () => {
  it("of kill -9 lose nothing that was acknowledged", { timeout: HOUR }, async () => {
    const seed = Date.now() % 1_000_000
    const tally = await killRounds(await built("writer", "soak"), 500, seed)
    tell(`kill -9 at random moments (seed ${seed})`, tally)
    expect(tally).toMatchObject({ tried: 500, survived: 500, lost: 0 })
  })

  const lack = lacking({ root: true, tools: ["mkfs.ext4", "mount", "python3"] })
  it.skipIf(lack !== null)(
    `of power cuts lose nothing that was acknowledged${lack === null ? "" : ` (${lack})`}`,
    { timeout: HOUR },
    async () => {
      const seed = Date.now() % 1_000_000
      const tally = await cutRounds(await built("writer", "soak-cut"), 100, seed)
      tell(`power cuts (seed ${seed})`, tally)
      expect(tally).toMatchObject({ tried: 100, survived: 100, lost: 0 })
    },
  )

  it.scopedLive(
    "of damage are all found, and what is whole is saved",
    () =>
      Effect.gen(function* () {
        const { bad } = yield* judgeAll(yield* quickFolder, 2000, Date.now() % 1_000_000, 1)
        expect(bad).toEqual([])
      }),
    HOUR,
  )
})
