import { Effect, Either, Fiber, Layer } from "effect"
import { it } from "@effect/vitest"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import { now, parse } from "../../src/domain/Moment.ts"
import * as FoldedViews from "../../src/projections/FoldedViews.ts"
import type { Projection } from "../../src/projections/Projection.ts"
import { spacing } from "../../src/projections/Snapshots.ts"
import { Views } from "../../src/projections/Views.ts"
import { envelopes, second, start } from "../domain/given.ts"
import { recorded } from "./recorded.ts"

/** Counts, and remembers the sum of positions: two folds of different events cannot agree by chance. */
const tally: Projection<{ count: number; sum: number }> = {
  name: "tally",
  version: 1,
  initial: () => ({ count: 0, sum: 0 }),
  evolve: (state, envelope) => {
    state.count += 1
    state.sum += envelope.position
    return state
  },
  copy: (state) => ({ ...state }),
}

const ticks = (count: number): ReadonlyArray<Event> =>
  Array.from({ length: count }, () => ({ _tag: "Ticked" as const }))
const sumTo = (n: number) => (n * (n + 1)) / 2

const over = (log: ReturnType<typeof recorded>) => FoldedViews.layer([tally]).pipe(Layer.provide(log.layer))

describe("views", () => {
  it.effect("show the whole log before the first question is answered", () =>
    Effect.gen(function* () {
      const view = yield* (yield* Views).at(now)
      expect(view.position).toBe(1000)
      expect(view.at).toBe(start + 999 * second)
      expect(view.state(tally)).toEqual({ count: 1000, sum: sumTo(1000) })
    }).pipe(Effect.provide(over(recorded(envelopes(ticks(1000)))))),
  )

  it.effect("show a past moment by position, by time and by a span back, and agree", () =>
    Effect.gen(function* () {
      const views = yield* Views
      for (const text of ["400", new Date((start + 399 * second) / 1000).toISOString(), "-10m"]) {
        const view = yield* views.at(Either.getOrThrow(parse(text)))
        expect(view.position, text).toBe(400)
        expect(view.state(tally)).toEqual({ count: 400, sum: sumTo(400) })
      }
    }).pipe(Effect.provide(over(recorded(envelopes(ticks(1000)))))),
  )

  it.effect("refuse a position that is not written yet and a time before the beginning", () =>
    Effect.gen(function* () {
      const views = yield* Views
      const later = yield* Effect.flip(views.at({ _tag: "AtPosition", position: Position(11) }))
      expect(later.reason).toBe("position 11 is not written yet; the last one is 10")
      const before = yield* Effect.flip(views.at({ _tag: "AtTime", micros: start - 1 }))
      expect(before.reason).toContain("nothing is recorded at or before 2023-11-14T22:13:19.999999Z")
    }).pipe(Effect.provide(over(recorded(envelopes(ticks(10)))))),
  )

  it.effect("let a writer read its own write", () => {
    const log = recorded(envelopes(ticks(3)))
    return Effect.gen(function* () {
      const views = yield* Views
      const reading = yield* Effect.fork(views.reached(Position(5)))
      yield* log.add(envelopes(ticks(2), second, 4))
      const view = yield* Fiber.join(reading)
      expect(view.state(tally).sum).toBe(sumTo(5))
    }).pipe(Effect.provide(over(log)))
  })

  it.effect("fold the past from the nearest copy, and no further than asked", () => {
    const log = recorded(envelopes(ticks(0)))
    return Effect.gen(function* () {
      const views = yield* Views
      for (let from = 1; from <= 120_000; from += 10_000) yield* log.add(envelopes(ticks(10_000), 1, from))
      yield* views.reached(Position(120_000))
      log.reads.length = 0
      for (const position of [spacing - 1, spacing, 5 * spacing - 1, 5 * spacing + 1]) {
        const view = yield* views.at({ _tag: "AtPosition", position: Position(position) })
        expect(view.state(tally)).toEqual({ count: position, sum: sumTo(position) })
      }
      const [first, second, third, fourth] = log.reads
      expect(first).toBe(1)
      for (const [position, from] of [
        [spacing, second],
        [5 * spacing - 1, third],
        [5 * spacing + 1, fourth],
      ] as const) {
        expect(position - (from ?? 0), `folded for ${position}`).toBeLessThanOrEqual(spacing + 1000)
      }
      expect(fourth).toBeGreaterThan(3 * spacing)
    }).pipe(Effect.provide(over(log)))
  })
})
