import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import type { Breakpoint } from "../../../src/domain/events/JobEvents.ts"
import { placeOf } from "../../../src/domain/flows/variables.ts"
import { agent, define, demo, eventsOf, once, over, paused, start, tell } from "./harness.ts"

const breakpoint = (fields: Partial<Breakpoint>): Breakpoint => ({
  id: "b1",
  type: "slot",
  routine: "process",
  slot: null,
  event: null,
  condition: null,
  log: null,
  passes: 0,
  enabled: true,
  ...fields,
})

const begin = (fields: { readonly paused?: boolean; readonly breakpoints?: ReadonlyArray<Breakpoint> }) =>
  Effect.gen(function* () {
    yield* define("demo", demo)
    yield* start("j", "demo", { routine: "ingest", slot: "trigger", input: { data: [1, 2] }, ...fields })
  })

/** Steps, and answers where it stands then. */
const step = (mode: "over" | "into", from: number) =>
  Effect.gen(function* () {
    yield* tell("j", { _tag: "StepJob", mode } as never)
    const job = yield* once(
      "j",
      (job) => job.status !== "paused" || job.pause?.at?.call !== from || job.pause.at.kind === "event",
    )
    return job.status === "paused" ? job : yield* once("j", ({ status }) => status !== "running")
  })

const where = (job: Parameters<typeof placeOf>[0]) => {
  const place = placeOf(job)
  return place === null ? null : `${place.kind} ${place.routine}.${place.event ?? place.slot}`
}

describe("a debugger", () => {
  it.live("waits before the first call, and lets go on", () =>
    Effect.gen(function* () {
      yield* begin({ paused: true })
      const job = yield* paused("j")
      expect([where(job), job.slotCalls]).toEqual(["call ingest.trigger", 0])
      yield* tell("j", { _tag: "ResumeJob" })
      expect((yield* over("j")).status).toBe("completed")
    }).pipe(Effect.provide(agent())),
  )

  it.live("stops at a breakpoint whose condition holds, shows and sets variables, and goes on", () =>
    Effect.gen(function* () {
      yield* begin({ breakpoints: [breakpoint({ condition: "len(data) == 2 and data[0] == 1" })] })
      const job = yield* paused("j")
      expect(where(job)).toBe("call process.data_ingested")
      expect(job.pause).toMatchObject({ reason: "breakpoint", breakpoint: "b1" })
      expect(job.breakpoints.get("b1")?.hits).toBe(1)
      yield* tell("j", { _tag: "SetVariable", name: "data", value: [5], scope: null } as never)
      yield* tell("j", { _tag: "SetVariable", name: "counter", value: 10, scope: "shared" } as never)
      yield* once("j", ({ shared }) => shared["counter"] === 10)
      yield* tell("j", { _tag: "ResumeJob" })
      expect((yield* over("j")).shared).toEqual({ counter: 10, processed: 1 })
      const emitted = (yield* eventsOf("j")).filter((event) => event._tag === "EventEmitted")
      expect(emitted.at(-1)).toMatchObject({ event: "data_processed", data: { result: [10] } })
    }).pipe(Effect.provide(agent())),
  )

  it.live("passes a breakpoint whose condition does not hold", () =>
    Effect.gen(function* () {
      yield* begin({ breakpoints: [breakpoint({ condition: "len(data) == 3" })] })
      expect((yield* over("j")).breakpoints.get("b1")?.hits).toBe(0)
    }).pipe(Effect.provide(agent())),
  )

  it.live("stops at an emission before what it causes", () =>
    Effect.gen(function* () {
      yield* begin({ breakpoints: [breakpoint({ type: "event", event: "data_processed" })] })
      const job = yield* paused("j")
      expect([where(job), job.slotCalls]).toEqual(["event process.data_processed", 2])
      yield* tell("j", { _tag: "ResumeJob" })
      expect((yield* over("j")).slotCalls).toBe(3)
    }).pipe(Effect.provide(agent())),
  )

  it.live("steps into every checkpoint", () =>
    Effect.gen(function* () {
      yield* begin({ paused: true })
      yield* paused("j")
      const places: Array<string | null> = []
      for (let job = yield* paused("j"); job.status === "paused";) {
        places.push(where(job))
        const { at } = job.pause ?? {}
        yield* tell("j", { _tag: "StepJob", mode: "into" } as never)
        const seen = places.length
        job = yield* once(
          "j",
          (now) =>
            now.status === "completed" ||
            (now.pause !== null && now.pause.at !== at && where(now) !== places[seen - 1]),
        )
      }
      expect(places).toEqual([
        "call ingest.trigger",
        "event ingest.data_ingested",
        "call process.data_ingested",
        "event process.data_processed",
        "call validate.data_processed",
      ])
    }).pipe(Effect.provide(agent())),
  )

  it.live("steps over what a call causes, to the next of its level", () =>
    Effect.gen(function* () {
      yield* define("f", {
        routines: { run: "odd.Burst", a: "odd.Echo", b: "odd.Sink" },
        connections: ["run.out > a.run", "a.out > b.run"],
      })
      yield* start("j", "f", { input: { count: 2 }, breakpoints: [breakpoint({ routine: "a", passes: 0 })] })
      const first = yield* paused("j")
      expect([where(first), first.pause?.at?.call]).toEqual(["call a.run", 2])
      const second = yield* step("over", 2)
      expect([where(second), second.pause?.at?.call]).toEqual(["call a.run", 3])
      yield* tell("j", { _tag: "RemoveBreakpoint", breakpoint: "b1" } as never)
      expect((yield* step("over", 3)).status).toBe("completed")
    }).pipe(Effect.provide(agent())),
  )

  it.live("writes logpoints without stopping", () =>
    Effect.gen(function* () {
      yield* begin({ breakpoints: [breakpoint({ log: "got {len(data)} of {routine_id}" })] })
      yield* over("j")
      const passed = (yield* eventsOf("j")).filter((event) => event._tag === "BreakpointPassed")
      expect(passed).toMatchObject([{ breakpoint: "b1", text: "got 2 of process" }])
    }).pipe(Effect.provide(agent())),
  )

  it.live("pauses and cancels a job that runs", () =>
    Effect.gen(function* () {
      yield* define("f", { routines: { run: "odd.Echo" }, connections: ["run.out > run.run"] })
      yield* start("j", "f")
      yield* tell("j", { _tag: "PauseJob" })
      const job = yield* paused("j")
      expect(job.pause?.reason).toBe("asked")
      const before = job.slotCalls
      yield* tell("j", { _tag: "ResumeJob" })
      yield* once("j", ({ slotCalls }) => slotCalls > before + 10)
      yield* tell("j", { _tag: "CancelJob" })
      expect((yield* over("j")).status).toBe("cancelled")
    }).pipe(Effect.provide(agent())),
  )
})
