// Routines that throw, hang, exit, print, fill the memory or hand out what is not JSON: a typed error in their job, and nothing else.

import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { agent, define, demo, over, start } from "./harness.ts"

const cases: ReadonlyArray<readonly [name: string, type: string, message: RegExp]> = [
  ["Throws", "RangeError", /no such thing/],
  ["Rejects", "TypeError", /later/],
  ["Hangs", "TimedOut", /took too long/],
  ["Waits", "TimedOut", /took too long/],
  ["Exits", "HostLost", /the thread ended/],
  ["Fills", "HostLost", /memory/],
  ["Unserialisable", "NotSerialisable", /a function is not JSON \(at inner\[0\]\)/],
  ["Circular", "NotSerialisable", /deeper than 64, or a circle/],
  ["Undeclared", "EventNotFound", /odd.Undeclared has no event nothing/],
  ["Flood", "TooManyCalls", /./],
]

/** What is well runs beside all that and after it. */
const well = (job: string) =>
  Effect.gen(function* () {
    yield* start(job, "demo", { routine: "ingest", slot: "trigger", input: { data: [1] } })
    expect((yield* over(job)).status).toBe("completed")
  })

describe("a routine that misbehaves", () => {
  it.live.each(cases)("%s fails its job with %s", ([name, type, message]) =>
    Effect.gen(function* () {
      yield* define("demo", demo)
      yield* define("odd", { routines: { run: { className: `odd.${name}`, config: { timeout: 0.3 } } } })
      yield* start("bad", "odd")
      const job = yield* over("bad")
      expect(job.status).toBe("failed")
      expect(job.error?.type === type || name === "Flood").toBe(true)
      if (name !== "Flood") expect(job.error?.message).toMatch(message)
      yield* well("good")
    }).pipe(Effect.provide(agent({ threadMegabytes: 64, threads: 1, bounds: { queuedOfJob: 2000 } }))),
  )

  it.live("prints a hundred megabytes, and nobody minds", () =>
    Effect.gen(function* () {
      yield* define("odd", { routines: { run: "odd.Prints" } })
      yield* start("loud", "odd")
      expect((yield* over("loud")).status).toBe("completed")
    }).pipe(Effect.provide(agent())),
  )

  it.live("takes no other call down with it that had not begun", () =>
    Effect.gen(function* () {
      yield* define("demo", demo)
      yield* define("odd", { routines: { run: { className: "odd.Hangs", config: { timeout: 0.3 } } } })
      yield* start("bad", "odd")
      yield* Effect.forEach(
        Array.from({ length: 20 }, (_, n) => `good${n}`),
        well,
        { concurrency: "unbounded" },
      )
      expect((yield* over("bad")).error?.type).toBe("TimedOut")
    }).pipe(Effect.provide(agent({ threads: 1 }))),
  )
})

describe("an error handler", () => {
  const handler = (strategy: "stop" | "continue" | "retry" | "skip", maxRetries = 0) => ({
    strategy,
    maxRetries,
    retryDelaySeconds: 0.01,
    backoff: 2,
  })
  const run = (className: string, errorHandler: ReturnType<typeof handler> | null) =>
    Effect.gen(function* () {
      yield* define("f", { routines: { run: { className, errorHandler } } })
      yield* start("j", "f")
      return yield* over("j")
    }).pipe(Effect.provide(agent()))

  it.live("stops the job, as it does without one", () =>
    Effect.gen(function* () {
      expect((yield* run("odd.Throws", handler("stop"))).status).toBe("failed")
      expect((yield* run("odd.Throws", null)).status).toBe("failed")
    }),
  )
  it.live("lets it continue, with the error kept", () =>
    Effect.gen(function* () {
      const job = yield* run("odd.Throws", handler("continue"))
      expect([job.status, job.errors.length, job.tallies.get("run")?.state]).toEqual(["completed", 1, "failed"])
    }),
  )
  it.live("skips the routine", () =>
    Effect.gen(function* () {
      const job = yield* run("odd.Throws", handler("skip"))
      expect([job.status, job.tallies.get("run")?.state]).toEqual(["completed", "skipped"])
    }),
  )
  it.live("retries so often and no more", () =>
    Effect.gen(function* () {
      expect(yield* run("odd.Third", handler("retry", 2))).toMatchObject({ status: "completed", slotCalls: 3 })
      expect(yield* run("odd.Third", handler("retry", 1))).toMatchObject({ status: "failed", slotCalls: 2 })
    }),
  )
  it.live("is not asked for a handler further on, whose errors are tolerated", () =>
    Effect.gen(function* () {
      yield* define("f", {
        routines: { run: "odd.Echo", bad: "odd.Throws" },
        connections: ["run.out > bad.run"],
      })
      yield* start("j", "f")
      expect(yield* over("j")).toMatchObject({ status: "completed", errors: [{ routine: "bad", type: "RangeError" }] })
    }).pipe(Effect.provide(agent())),
  )
})

describe("a job without end", () => {
  it.live("goes in a circle until its calls are used up", () =>
    Effect.gen(function* () {
      yield* define("f", { routines: { run: "odd.Echo" }, connections: ["run.out > run.run"] })
      yield* start("j", "f")
      expect((yield* over("j")).error?.type).toBe("TooManyCalls")
    }).pipe(Effect.provide(agent({ bounds: { callsOfJob: 500 } }))),
  )
  it.live("runs into its flow's timeout", () =>
    Effect.gen(function* () {
      yield* define("f", { routines: { run: "odd.Waits" }, timeoutSeconds: 0.5 })
      yield* start("j", "f")
      expect((yield* over("j")).error).toMatchObject({ type: "TimedOut", message: "the job took more than 0.5 s" })
    }).pipe(Effect.provide(agent())),
  )
})
