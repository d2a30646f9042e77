import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, FastCheck as fc, Fiber, Schedule, Stream, TestContext } from "effect"
import { Position } from "../../src/domain/Brands.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { StoreError } from "../../src/log/store/BlockStore.ts"
import { actions, batch } from "./given.ts"
import { compare, type FaultyPlace, steps } from "./model.ts"

const placeOn = (medium: MemoryStore.Medium): FaultyPlace => ({
  // Small bounds, so that groups are split and packed ahead.
  open: (options) =>
    MemoryEventLog.layer({ ...options, medium, limits: { groupEvents: 8, blockEvents: 5, aheadEvents: 1 } }),
  failNext: (written) => {
    medium.fault = () => {
      medium.fault = null
      return { error: new StoreError({ operation: "commit", reason: "no space left on device" }), written }
    }
  },
  crashed: () => placeOn({ ...medium, fault: null }),
})

describe("the log beside a plain array", () => {
  it(
    "never differs, through crashes, reopening, failed writes, retention and a clock that goes back",
    { timeout: 120_000 },
    async () => {
      const property = fc.asyncProperty(steps, (program) =>
        Effect.runPromise(Effect.provide(compare(placeOn(MemoryStore.medium()), program), TestContext.TestContext)),
      )
      // A failure prints its seed, by which it comes again.
      await fc.assert(property, { numRuns: 60 })
    },
  )

  it.scopedLive("hands a follower every event once, whatever became of the writes", () => {
    const medium = MemoryStore.medium()
    let asked = 0
    medium.fault = () => {
      asked += 1
      const error = new StoreError({ operation: "commit", reason: "input/output error" })
      return asked % 3 === 0 ? { error, written: asked % 2 === 0 } : null
    }
    const retried = Schedule.spaced("1 millis").pipe(Schedule.intersect(Schedule.recurs(1000)))
    return Effect.gen(function* () {
      const log = yield* EventLog
      const following = yield* log.follow(Position(1)).pipe(
        Stream.mapConcat((commit) => commit),
        Stream.take(180),
        Stream.runCollect,
        Effect.fork,
      )
      yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => index),
        (index) => Effect.retry(log.append(batch(actions(index * 3, 3), `command-${index}`)), retried),
        { concurrency: 4 },
      )
      const seen = Chunk.toReadonlyArray(yield* Fiber.join(following))
      const read = Chunk.toReadonlyArray(yield* Stream.runCollect(log.read({}))).flat()
      expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 180 }, (_, index) => index + 1))
      expect(seen).toEqual(read)
    }).pipe(
      Effect.provide(MemoryEventLog.layer({ medium, limits: { followerEvents: 6, groupEvents: 4, aheadEvents: 1 } })),
    )
  })
})
