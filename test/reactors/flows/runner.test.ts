import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { agent, define, demo, eventsOf, over, start } from "./harness.ts"

describe("a job of three routines", () => {
  it.live("runs from its entry to its end, every step an event", () =>
    Effect.gen(function* () {
      yield* define("demo", demo)
      yield* start("j1", "demo", { routine: "ingest", slot: "trigger", input: { data: [1, 2, 3, 4, 5] } })
      const job = yield* over("j1")
      expect(job).toMatchObject({ status: "completed", slotCalls: 3, emitted: 2, shared: { processed: 5 } })
      expect(Array.from(job.tallies.values(), ({ calls, errors }) => [calls, errors])).toEqual([
        [1, 0],
        [1, 0],
        [1, 0],
      ])
      const tags = (yield* eventsOf("j1")).map(({ _tag }) => _tag)
      expect(tags).toEqual([
        "JobRequested",
        "JobStarted",
        "SlotCalled",
        "EventEmitted",
        "RoutineFinished",
        "SlotCalled",
        "EventEmitted",
        "RoutineFinished",
        "SlotCalled",
        "RoutineFinished",
        "JobFinished",
      ])
      expect((yield* eventsOf("j1")).findLast(({ _tag }) => _tag === "RoutineFinished")).toMatchObject({
        routine: "validate",
        result: { valid: true },
      })
    }).pipe(Effect.provide(agent())),
  )
})
