// What the agent does about time: ticks while something is in flight, and a word when the clocks part.

import { it } from "@effect/vitest"
import { Effect, Fiber, Layer, Queue, TestClock } from "effect"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import { type View, Views, ViewsUnavailable } from "../../src/projections/Views.ts"
import * as ClockWatch from "../../src/reactors/ClockWatch.ts"
import * as Ticker from "../../src/reactors/Ticker.ts"
import { recorder } from "../collectors/recorder.ts"

/** Views of one number: how many things are in flight. */
const flights = () =>
  Effect.gen(function* () {
    const changes = yield* Queue.sliding<void>(1)
    const state = { inFlight: 0, blind: false, looks: 0 }
    const view = (): View => ({
      position: Position(state.inFlight),
      at: 0,
      state: () => Effect.runSync(Effect.die("none")),
    })
    const until = (holds: (view: View) => boolean): Effect.Effect<View> =>
      Effect.suspend(() => {
        state.looks++
        return holds(view()) ? Effect.succeed(view()) : Effect.zipRight(Queue.take(changes), until(holds))
      })
    const layer = Layer.succeed(Views, {
      at: () =>
        Effect.suspend(() => (state.blind ? new ViewsUnavailable({ reason: "blind" }) : Effect.succeed(view()))),
      reached: () => Effect.sync(view),
      until,
    })
    const change = (inFlight: number) =>
      Effect.zipRight(
        Effect.sync(() => void (state.inFlight = inFlight)),
        Queue.offer(changes, undefined),
      )
    return { layer, change, state }
  })

const inFlight = (view: View) => view.position > 0

describe("the ticker", () => {
  it.effect("ticks once a second while something is in flight, and only then", () =>
    Effect.gen(function* () {
      const log = recorder()
      const sky = yield* flights()
      const running = yield* Effect.fork(Effect.provide(Ticker.run(inFlight), Layer.merge(log.layer, sky.layer)))
      yield* TestClock.adjust("10 seconds")
      expect(log.tags()).toEqual([])
      expect(sky.state.looks).toBe(1)
      yield* sky.change(1)
      yield* TestClock.adjust("3 seconds")
      expect(log.tags()).toEqual(["Ticked", "Ticked", "Ticked"])
      yield* sky.change(0)
      yield* TestClock.adjust("10 seconds")
      expect(log.tags()).toHaveLength(3)
      yield* Fiber.interrupt(running)
    }),
  )

  it.effect("does not tick for what is over within the second", () =>
    Effect.gen(function* () {
      const log = recorder()
      const sky = yield* flights()
      const running = yield* Effect.fork(Effect.provide(Ticker.run(inFlight), Layer.merge(log.layer, sky.layer)))
      yield* sky.change(1)
      yield* TestClock.adjust("500 millis")
      yield* sky.change(0)
      yield* TestClock.adjust("10 seconds")
      expect(log.tags()).toEqual([])
      yield* Fiber.interrupt(running)
    }),
  )

  it.effect("goes on after views that could not be read for a while", () =>
    Effect.gen(function* () {
      const log = recorder()
      const sky = yield* flights()
      yield* sky.change(1)
      sky.state.blind = true
      const running = yield* Effect.fork(Effect.provide(Ticker.run(inFlight), Layer.merge(log.layer, sky.layer)))
      yield* TestClock.adjust("3 seconds")
      expect(log.tags()).toEqual([])
      sky.state.blind = false
      yield* TestClock.adjust("10 seconds")
      expect(log.tags().length).toBeGreaterThan(2)
      yield* Fiber.interrupt(running)
    }),
  )
})

describe("the clock watch", () => {
  const watching = (log: ReturnType<typeof recorder>, clocks: () => ClockWatch.Clocks | null) =>
    Effect.fork(Effect.provide(ClockWatch.run({ clocks }), log.layer))

  const turning = () => {
    const hands = { wallMicros: 1_700_000_000_000_000, monotonicMicros: 5_000_000, hidden: false }
    const read = () => (hands.hidden ? null : { wallMicros: hands.wallMicros, monotonicMicros: hands.monotonicMicros })
    const second = Effect.suspend(() => {
      hands.wallMicros += 1_000_000
      hands.monotonicMicros += 1_000_000
      return TestClock.adjust("1 second")
    })
    return { hands, read, second }
  }

  it.effect("tells each jump once, forwards and back, with its size", () =>
    Effect.gen(function* () {
      const log = recorder()
      const { hands, read, second } = turning()
      const running = yield* watching(log, read)
      yield* Effect.repeatN(second, 3)
      hands.wallMicros += 3_600_000_000
      yield* Effect.repeatN(second, 3)
      hands.wallMicros -= 7_200_000_000
      yield* Effect.repeatN(second, 3)
      expect(log.of("ClockJumped")).toEqual([
        { _tag: "ClockJumped", deltaMicros: 3_600_000_000 },
        { _tag: "ClockJumped", deltaMicros: -7_200_000_000 },
      ])
      yield* Fiber.interrupt(running)
    }),
  )

  it.effect("takes no notice of small corrections, however much they add up to", () =>
    Effect.gen(function* () {
      const log = recorder()
      const { hands, read, second } = turning()
      const running = yield* watching(log, read)
      yield* Effect.repeatN(
        Effect.zipRight(
          Effect.sync(() => void (hands.wallMicros += 400_000)),
          second,
        ),
        5,
      )
      expect(log.tags()).toEqual([])
      yield* Fiber.interrupt(running)
    }),
  )

  it.effect("tells a jump later when the log takes nothing, and when the clocks could not be compared", () =>
    Effect.gen(function* () {
      const log = recorder()
      const { hands, read, second } = turning()
      const running = yield* watching(log, read)
      yield* second
      log.gate.shut = true
      hands.hidden = true
      hands.wallMicros += 60_000_000
      yield* second
      hands.hidden = false
      yield* second
      log.gate.shut = false
      yield* second
      expect(log.of("ClockJumped")).toEqual([{ _tag: "ClockJumped", deltaMicros: 60_000_000 }])
      yield* Fiber.interrupt(running)
    }),
  )

  it("knows a jump from half a second on", () => {
    const before = { wallMicros: 10_000_000, monotonicMicros: 1_000_000 }
    const after = (millis: number) => ({ wallMicros: 11_000_000 + millis * 1000, monotonicMicros: 2_000_000 })
    expect([0, 500, 501, -500, -501].map((millis) => ClockWatch.jump(before, after(millis)))).toEqual([
      null,
      null,
      501_000,
      null,
      -501_000,
    ])
  })
})
