import { describe, expect, it } from "@effect/vitest"
import { killRounds, tell } from "./faults.ts"
import { built } from "./program.ts"

describe("an agent that is killed", () => {
  it("has lost nothing that it acknowledged when it comes back", { timeout: 120_000 }, async () => {
    const seed = Date.now() % 1_000_000
    const tally = await killRounds(await built("writer", "kill"), 20, seed)
    tell(`kill -9 at random moments (seed ${seed})`, tally)
    expect(tally).toMatchObject({ tried: 20, survived: 20, lost: 0 })
  })
})
