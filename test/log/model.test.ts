import { describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, TestContext } from "effect"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { StoreError } from "../../src/log/store/BlockStore.ts"
import { compare, type FaultyPlace, steps } from "./model.ts"

const placeOn = (medium: MemoryStore.Medium): FaultyPlace => ({
  open: (options) => MemoryEventLog.layer({ ...options, medium }),
  failNext: (written) => {
    medium.fault = () => {
      medium.fault = null
      return { error: new StoreError({ operation: "commit", reason: "no space left on device" }), written }
    }
  },
  crashed: () => placeOn({ ...medium, fault: null }),
})

describe("the log beside a plain array", () => {
  it("never differs, through crashes, reopening, failed writes, retention and a clock that goes back", async () => {
    const property = fc.asyncProperty(steps, (program) =>
      Effect.runPromise(Effect.provide(compare(placeOn(MemoryStore.medium()), program), TestContext.TestContext)),
    )
    // A failure prints its seed, by which it comes again.
    await fc.assert(property, { numRuns: 60 })
  })
})
