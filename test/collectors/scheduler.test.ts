// The scheduler on a clock that the test turns.

import { it } from "@effect/vitest"
import { Effect, Fiber, Option, TestClock } from "effect"
import { describe, expect } from "vitest"
import { type Collector, CollectorError } from "../../src/collectors/Collector.ts"
import * as Scheduler from "../../src/collectors/Scheduler.ts"
import { recorder } from "./recorder.ts"

const nothing = { _tag: "SamplesTaken" as const, host: null, processes: [] }

const collector = (name: string, intervalMillis: number, collect: Collector["collect"]): Collector => ({
  name,
  intervalMillis,
  collect,
})

/** Runs the collectors beside the test's steps. */
const beside = (log: ReturnType<typeof recorder>, collectors: ReadonlyArray<Collector>, steps: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const clock = { micros: 0 }
    const running = yield* Effect.fork(
      Effect.provide(Scheduler.run(collectors, { monotonicMicros: () => clock.micros++ }), log.layer),
    )
    yield* Effect.yieldNow()
    yield* steps
    yield* Fiber.interrupt(running)
  })

describe("the scheduler", () => {
  it.effect("looks at once and then in the collector's rhythm, and says who looked and when", () => {
    const log = recorder()
    const steady = collector("steady", 1000, Effect.succeed(Option.some(nothing)))
    return Effect.gen(function* () {
      yield* beside(log, [steady], TestClock.adjust("3 seconds"))
      expect(log.of("SamplesTaken")).toEqual(
        [0, 1, 2, 3].map((takenMicros) => ({
          _tag: "SamplesTaken",
          collector: "steady",
          takenMicros,
          host: null,
          processes: [],
        })),
      )
      expect(log.taken[0]?.actor).toBe("collector:steady")
    })
  })

  it.effect("writes nothing when there is nothing to see", () => {
    const log = recorder()
    const blind = collector("blind", 1000, Effect.succeedNone)
    return Effect.gen(function* () {
      yield* beside(log, [blind], TestClock.adjust("3 seconds"))
      expect(log.taken).toEqual([])
    })
  })

  it.effect("leaves out the looks that a long one missed, and returns to its grid", () => {
    const log = recorder()
    const looks: Array<number> = []
    const slow = collector(
      "slow",
      1000,
      Effect.gen(function* () {
        looks.push(yield* Effect.clockWith((clock) => clock.currentTimeMillis))
        if (looks.length === 1) yield* Effect.sleep("2500 millis")
        return Option.none()
      }),
    )
    return Effect.gen(function* () {
      yield* beside(
        log,
        [slow],
        Effect.forEach(Array(10), () => TestClock.adjust("500 millis"), { discard: true }),
      )
      expect(looks).toEqual([0, 3000, 4000, 5000])
    })
  })

  it.effect("tells a failure once and the recovery once, and never stops the siblings", () => {
    const log = recorder()
    const state = { broken: false }
    const frail = collector(
      "frail",
      1000,
      Effect.suspend(() => (state.broken ? new CollectorError({ reason: "no such file" }) : Effect.succeedNone)),
    )
    const steady = collector("steady", 1000, Effect.succeed(Option.some(nothing)))
    const steps = Effect.gen(function* () {
      yield* TestClock.adjust("1 second")
      state.broken = true
      yield* TestClock.adjust("3 seconds")
      state.broken = false
      yield* TestClock.adjust("2 seconds")
    })
    return Effect.gen(function* () {
      yield* beside(log, [frail, steady], steps)
      expect(log.of("CollectorFailed")).toEqual([
        { _tag: "CollectorFailed", collector: "frail", reason: "no such file" },
      ])
      expect(log.of("CollectorRecovered")).toHaveLength(1)
      expect(log.of("SamplesTaken")).toHaveLength(7)
    })
  })

  it.effect("tells a failure later when the log takes nothing now", () => {
    const log = recorder()
    log.gate.shut = true
    const broken = collector("broken", 1000, new CollectorError({ reason: "always" }))
    const steps = Effect.gen(function* () {
      yield* TestClock.adjust("2 seconds")
      log.gate.shut = false
      yield* TestClock.adjust("2 seconds")
    })
    return Effect.gen(function* () {
      yield* beside(log, [broken], steps)
      expect(log.tags()).toEqual(["CollectorFailed"])
    })
  })

  it.effect("takes a defect and a look without end for failures", () => {
    const log = recorder()
    const wild = collector("wild", 1000, Effect.dieMessage("boom"))
    const stuck = collector("stuck", 1000, Effect.never)
    return Effect.gen(function* () {
      yield* beside(log, [wild, stuck], TestClock.adjust("10 seconds"))
      expect(log.of("CollectorFailed")).toEqual([
        { _tag: "CollectorFailed", collector: "wild", reason: "it broke: RuntimeException: boom" },
        { _tag: "CollectorFailed", collector: "stuck", reason: "no answer within 10000 ms" },
      ])
    })
  })

  it.effect.each([0, -1, 0.000001, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses an interval of %d ms",
    (interval) => {
      const log = recorder()
      return Effect.gen(function* () {
        const error = yield* Effect.flip(
          Scheduler.run([collector("odd", interval, Effect.succeedNone)]).pipe(Effect.provide(log.layer)),
        )
        expect(error.reason).toMatch(/^collector odd: its interval is .* ms; 10 to 86400000 is right$/)
      })
    },
  )

  it("finds the next look on the grid", () => {
    expect([100n, 101n, 109n, 110n, 135n].map((now) => Scheduler.nextDue(100n, 10n, now))).toEqual([
      110n,
      110n,
      110n,
      120n,
      140n,
    ])
  })
})
