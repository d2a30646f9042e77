// What every driver of the log must do, told once; each driver's test runs all of it.

import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Fiber, type Layer, Option, type Scope, Stream, TestClock } from "effect"
import { CommandId, Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import { Checkpoints } from "../../src/log/Checkpoints.ts"
import type { LogOptions } from "../../src/log/core/LogCore.ts"
import type { OpenLog } from "../../src/log/core/OpenLog.ts"
import { type Committed, EventLog, type LogUnopenable } from "../../src/log/EventLog.ts"
import { action, actions, batch, collectives } from "./given.ts"

/** Somewhere that outlives a log: opened there again, it is the same log. */
export interface Place {
  readonly open: (options?: LogOptions) => Layer.Layer<OpenLog, LogUnopenable>
}

const all = <E>(stream: Stream.Stream<Committed, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Chunk.toReadonlyArray(chunks).flat())

const fresh = <A, E>(
  place: Effect.Effect<Place, never, Scope.Scope>,
  body: Effect.Effect<A, E, EventLog | Checkpoints | Scope.Scope>,
  options?: LogOptions,
) => Effect.flatMap(place, (there) => Effect.provide(body, there.open(options)))

export const eventLogSuite = (driver: string, place: Effect.Effect<Place, never, Scope.Scope>): void => {
  describe(`the log on ${driver}`, () => {
    appends(place)
    receipts(place)
    follows(place)
    times(place)
    observes(place)
    refuses(place)
    checkpoints(place)
  })
}

const appends = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("gives positions from 1 on, dense over both lanes", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const one = yield* log.append(batch([action(1)]))
        const two = yield* log.append(batch(collectives(0, 5)))
        const three = yield* log.append(batch(actions(2, 2)))
        expect([one, two, three]).toEqual([
          { first: 1, last: 1, repeated: false },
          { first: 2, last: 6, repeated: false },
          { first: 7, last: 8, repeated: false },
        ])
        const read = yield* all(log.read({}))
        expect(read.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
        expect(read.map(({ event }) => event)).toEqual([action(1), ...collectives(0, 5), ...actions(2, 2)])
        expect((yield* log.info).head).toBe(8)
      }),
    ),
  )

  it.scoped("reads any range, one lane or both", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        for (let round = 0; round < 10; round++) {
          yield* log.append(batch(actions(round * 10, 3)))
          yield* log.append(batch(collectives(round * 10, 7)))
        }
        const whole = yield* all(log.read({}))
        for (const [from, to] of [
          [1, 1],
          [2, 99],
          [3, 4],
          [50, 50],
          [95, 200],
          [100, 100],
          [101, 105],
        ] as const) {
          const part = yield* all(log.read({ from: Position(from), to: Position(to) }))
          expect(part).toEqual(whole.slice(from - 1, to))
        }
        const telemetry = yield* all(log.read({ from: Position(12), lanes: ["telemetry"] }))
        expect(telemetry).toEqual(whole.slice(11).filter(({ event }) => event._tag !== "RefusalsCounted"))
        expect(yield* all(log.read({ from: Position(12), kinds: ["collective", "sample"] }))).toEqual(telemetry)
        expect(yield* all(log.read({ kinds: ["sample"] }))).toEqual([])
      }),
    ),
  )

  it.scoped("keeps batches whole when many are appended at once", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const offers = Array.from({ length: 200 }, (_, index) =>
          batch(index % 2 === 0 ? actions(index * 10, 3) : collectives(index * 10, 3)),
        )
        const placed = yield* Effect.forEach(offers, (offer) => log.append(offer), { concurrency: "unbounded" })
        const read = yield* all(log.read({}))
        expect(read.map(({ position }) => position)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
        for (const [index, { first, last }] of placed.entries()) {
          expect(read.slice(first - 1, last).map(({ event }) => event)).toEqual(offers[index]?.events)
        }
      }),
    ),
  )

  it.scoped("is the same log when opened again", () =>
    Effect.gen(function* () {
      const there = yield* place
      const write = (round: number) =>
        Effect.gen(function* () {
          const log = yield* EventLog
          yield* log.append(batch(actions(round, 2)))
          yield* log.append(batch(collectives(round, 2)))
          return yield* log.info
        }).pipe(Effect.provide(there.open()))
      const infos = yield* Effect.forEach([1, 2, 3], write)
      expect(new Set(infos.map(({ logId }) => logId)).size).toBe(1)
      expect(infos.map(({ head }) => head)).toEqual([4, 8, 12])
      const read = yield* Effect.flatMap(EventLog, (log) => all(log.read({}))).pipe(Effect.provide(there.open()))
      expect(read.map(({ event }) => event)).toEqual(
        [1, 2, 3].flatMap((round) => actions(round, 2).concat(collectives(round, 2))),
      )
    }),
  )

  it.scoped("keeps an event of a type that nobody here knows", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const unknown: Event = {
          _tag: "Unknown",
          type: "MoonRose",
          data: { phase: 0.5, over: ["sea", null, { deep: true }] },
        }
        yield* log.append({ actor: "newer", command: null, events: [unknown] })
        expect((yield* all(log.read({})))[0]?.event).toEqual(unknown)
      }),
    ),
  )
}

const receipts = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("appends the batch of one command id once, also when opened again", () =>
    Effect.gen(function* () {
      const there = yield* place
      const offer = Effect.flatMap(EventLog, (log) => log.append(batch(actions(1, 3), "command-1")))
      const first = yield* Effect.provide(Effect.all([offer, offer]), there.open())
      expect(first).toEqual([
        { first: 1, last: 3, repeated: false },
        { first: 1, last: 3, repeated: true },
      ])
      expect(yield* Effect.provide(offer, there.open())).toEqual({ first: 1, last: 3, repeated: true })
    }),
  )

  it.scoped("appends it once when it is offered twice at the same time", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const offers = Array.from({ length: 20 }, () => log.append(batch(actions(1, 3), "twin")))
        const answers = yield* Effect.all(offers, { concurrency: "unbounded" })
        expect(answers.filter(({ repeated }) => !repeated).length).toBe(1)
        expect((yield* log.info).head).toBe(3)
        expect((yield* all(log.read({}))).map(({ command }) => command)).toEqual(Array(3).fill(CommandId("twin")))
      }),
    ),
  )
}

const follows = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("hands a follower the backlog, then what is committed, without gap or double", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        yield* log.append(batch(actions(0, 50)))
        const begun = yield* Deferred.make<void>()
        const following = yield* log.follow(Position(11)).pipe(
          Stream.tap(() => Deferred.succeed(begun, undefined)),
          Stream.mapConcat((commit) => commit),
          Stream.take(190),
          Stream.runCollect,
          Effect.fork,
        )
        yield* Deferred.await(begun)
        yield* Effect.forEach(
          Array.from({ length: 50 }, (_, index) => index),
          (index) => log.append(batch(index % 2 === 0 ? actions(index, 3) : collectives(index, 3))),
          { concurrency: 5 },
        )
        const seen = Chunk.toReadonlyArray(yield* Fiber.join(following))
        expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 190 }, (_, index) => index + 11))
        expect(seen).toEqual(yield* all(log.read({ from: Position(11) })))
      }),
    ),
  )

  it.scoped("lets a slow follower fall back on the store", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const first = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const following = yield* log.follow(Position(1)).pipe(
          Stream.tap(() => Effect.zipRight(Deferred.succeed(first, undefined), Deferred.await(go))),
          Stream.mapConcat((commit) => commit),
          Stream.take(101),
          Stream.runCollect,
          Effect.fork,
        )
        yield* log.append(batch([action(0)]))
        yield* Deferred.await(first)
        for (let round = 0; round < 20; round++) yield* log.append(batch(actions(round, 5)))
        yield* Deferred.succeed(go, undefined)
        const seen = Chunk.toReadonlyArray(yield* Fiber.join(following))
        expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1))
      }),
      { limits: { followerEvents: 10 } },
    ),
  )
}

const HOUR = 3_600_000

const times = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("finds the last position at or before a time, also after the clock has stepped back", () =>
    Effect.gen(function* () {
      const there = yield* place
      const steps = [1000, 0, 10, 50, 5000, 60_000, -HOUR, 3, 700, 1_800_000, HOUR, -HOUR, 20]
      const written = Effect.gen(function* () {
        const log = yield* EventLog
        yield* TestClock.setTime(10 * HOUR)
        let now = 10 * HOUR
        for (const [index, step] of steps.entries()) {
          now += step
          yield* TestClock.setTime(now)
          yield* log.append(batch(index % 3 === 0 ? collectives(index, 3) : actions(index, 2)))
        }
      })
      const ask = Effect.gen(function* () {
        const log = yield* EventLog
        const events = yield* all(log.read({}))
        const moments = events.flatMap(({ at }) => [at - 1000, at - 1, at, at + 1, at + 1_000_000])
        for (const micros of [0, ...moments, 1e15]) {
          const expected = events.findLast(({ at }) => at <= micros)?.position ?? 0
          expect([micros, yield* log.positionAt(micros)]).toEqual([micros, expected])
        }
      })
      yield* Effect.provide(Effect.zipRight(written, ask), there.open())
      yield* Effect.provide(Effect.zipRight(ask, Effect.zipRight(written, ask)), there.open())
    }),
  )
}

const observes = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("makes telemetry durable within its delay, or along with the next commit", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        yield* log.observe(batch(collectives(0, 2)))
        expect((yield* log.info).head).toBe(0)
        const seen = yield* Effect.fork(Stream.runHead(log.follow(Position(1))))
        yield* TestClock.adjust("1 second")
        expect(Option.map(yield* Fiber.join(seen), (commit) => commit.length)).toEqual(Option.some(2))
        yield* log.observe(batch(collectives(2, 2)))
        yield* log.append(batch([action(1)]))
        expect((yield* log.info).head).toBe(5)
      }),
    ),
  )

  it.scoped("counts in an event what it had to drop", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        for (let round = 0; round < 5; round++) yield* log.observe(batch(collectives(round * 3, 3)))
        yield* log.append(batch([action(1)]))
        const events = (yield* all(log.read({}))).map(({ event }) => event)
        expect(events.filter(({ _tag }) => _tag.startsWith("Collective")).length).toBe(9)
        expect(events.find(({ _tag }) => _tag === "TelemetryDropped")).toMatchObject({ source: "test", count: 6 })
      }),
      { limits: { observedEvents: 10 } },
    ),
  )
}

const refuses = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("refuses what no log takes, and writes nothing of it", () =>
    fresh(
      place,
      Effect.gen(function* () {
        const log = yield* EventLog
        const unknown = (data: Record<string, unknown>): Event => ({ _tag: "Unknown", type: "Odd", data })
        let deep: Record<string, unknown> = {}
        for (let depth = 0; depth < 100; depth++) deep = { deep }
        const bad: ReadonlyArray<ReadonlyArray<Event>> = [
          [],
          [unknown({ text: "x".repeat(1024 * 1024 + 1) })],
          [unknown(deep)],
          [unknown({ call: () => 1 })],
          [action(1), ...collectives(1, 1)],
          actions(0, 20_000),
        ]
        for (const events of bad) {
          const refused = yield* Effect.flip(log.append({ actor: "test", command: null, events }))
          expect(refused._tag).toBe("EventRefused")
        }
        expect((yield* log.info).head).toBe(0)
        expect((yield* log.append(batch([action(1)]))).first).toBe(1)
      }),
    ),
  )
}

const checkpoints = (place: Effect.Effect<Place, never, Scope.Scope>) => {
  it.scoped("keeps checkpoints by name, version and position", () =>
    Effect.gen(function* () {
      const there = yield* place
      const bytes = (text: string) => new TextEncoder().encode(text)
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const kept = yield* Checkpoints
        yield* log.append(batch(actions(0, 100)))
        for (const position of [10, 20, 30]) yield* kept.save("open", 2, Position(position), bytes(`at ${position}`))
        yield* kept.save("open", 1, Position(40), bytes("old"))
        yield* kept.save("opened", 2, Position(40), bytes("other"))
      }).pipe(Effect.provide(there.open()))
      yield* Effect.gen(function* () {
        const kept = yield* Checkpoints
        const at = (position: number) =>
          Effect.map(kept.nearest("open", 2, Position(position)), (found) =>
            found === null ? null : [found.position, new TextDecoder().decode(found.bytes)],
          )
        expect(yield* Effect.forEach([9, 10, 29, 30, 100], at)).toEqual([
          null,
          [10, "at 10"],
          [20, "at 20"],
          [30, "at 30"],
          [30, "at 30"],
        ])
        yield* kept.prune("open", 2, 1)
        expect(yield* Effect.forEach([29, 30], at)).toEqual([null, [30, "at 30"]])
        expect(yield* kept.nearest("open", 1, Position(100))).toBeNull()
        expect((yield* kept.nearest("opened", 2, Position(100)))?.position).toBe(40)
      }).pipe(Effect.provide(there.open()))
    }),
  )
}
