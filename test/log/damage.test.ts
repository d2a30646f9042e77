import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { judgeAll } from "./damage.ts"
import { quickFolder } from "./folder.ts"

describe("a log whose files were damaged", () => {
  it.scopedLive(
    "is never taken for a healthy one: every damage is found with its range or does no harm",
    () =>
      Effect.gen(function* () {
        const { bad } = yield* judgeAll(yield* quickFolder, 200, Date.now() % 1_000_000, 5)
        expect(bad).toEqual([])
      }),
    120_000,
  )
})
