// What keeps a log fit, on every driver: retention, backup, repair.

import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, type Scope, Stream, TestClock } from "effect"
import { Position } from "../../src/domain/Brands.ts"
import { type Committed, EventLog } from "../../src/log/EventLog.ts"
import { LogUpkeep } from "../../src/log/LogUpkeep.ts"
import { Rollups } from "../../src/log/Rollups.ts"
import { verifyDirectory } from "../../src/log/verify/verifyDirectory.ts"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import type { Place } from "./eventLogSuite.ts"
import { actions, batch, collectives } from "./given.ts"
import { folder } from "./folder.ts"

const all = <E>(stream: Stream.Stream<Committed, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Chunk.toReadonlyArray(chunks).flat())

const HOUR = 3_600_000

/** An hour a round: two actions among a hundred collectives. */
const hours = (from: number, to: number) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    for (let hour = from; hour < to; hour++) {
      yield* TestClock.setTime(hour * HOUR)
      yield* log.append(batch(actions(hour, 1), `hour-${hour}`))
      yield* log.append(batch(collectives(hour * 100, 100)))
      yield* log.append(batch(actions(hour, 1)))
    }
    return yield* all(log.read({}))
  })

const isAction = ({ event }: Committed[number]) => event._tag === "RefusalsCounted"
const [sum, old] = ["sum", "old"].map((name) => new TextEncoder().encode(name)) as [Uint8Array, Uint8Array]

export const upkeepSuite = (driver: string, place: Effect.Effect<Place, never, Scope.Scope>): void => {
  describe(`upkeep of the log on ${driver}`, () => {
    it.scoped("ages telemetry by whole blocks and keeps every action", () =>
      Effect.gen(function* () {
        const there = yield* place
        const before = yield* Effect.gen(function* () {
          const whole = yield* hours(1, 11)
          const upkeep = yield* LogUpkeep
          const aged = yield* upkeep.retain({ beforeMicros: 5 * HOUR * 1000, maxBytes: Number.MAX_SAFE_INTEGER })
          expect(aged).toMatchObject({ blocks: 4, events: 400, rawFrom: 3 * 102 + 102 })
          return whole
        }).pipe(Effect.provide(there.open()))
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          const upkeep = yield* LogUpkeep
          const left = before.filter((envelope) => isAction(envelope) || envelope.at >= 5 * HOUR * 1000)
          expect(yield* all(log.read({}))).toEqual(left)
          expect(yield* all(log.read({ from: Position(50), to: Position(450) }))).toEqual(
            left.filter(({ position }) => position >= 50 && position <= 450),
          )
          expect((yield* log.info).rawFrom).toBe(408)
          expect((yield* upkeep.verify).damage).toEqual([])
          expect((yield* upkeep.verify).aged).toEqual({ first: 2, last: 407, events: 400, rollups: "" })
          yield* upkeep.retain({ beforeMicros: 7 * HOUR * 1000, maxBytes: Number.MAX_SAFE_INTEGER })
          yield* upkeep.retain({ beforeMicros: 100 * HOUR * 1000, maxBytes: Number.MAX_SAFE_INTEGER })
          const bare = yield* upkeep.verify
          expect([bare.damage, bare.events, bare.head, bare.aged?.events]).toEqual([[], 20, 1020, 1000])
          for (const { at, position } of left.filter(isAction)) {
            expect(yield* log.positionAt(at + 1)).toBeGreaterThanOrEqual(position)
          }
        }).pipe(Effect.provide(there.open()))
        const again = yield* Effect.provide(hours(20, 21), there.open())
        expect(again.filter((envelope) => !isAction(envelope)).length).toBe(100)
        expect(again.at(-1)?.position).toBe(1122)
      }),
    )

    it.scoped("ages by size, and nothing of which no rollup is there yet", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          const rollups = yield* Rollups
          const upkeep = yield* LogUpkeep
          yield* hours(1, 6)
          const one = { key: sum, value: Uint8Array.of(2) }
          yield* rollups.save([one, { key: old, value: Uint8Array.of(1) }], [])
          const [maxBytes, upTo] = [Number.MAX_SAFE_INTEGER, Position(3 * 102)]
          expect((yield* upkeep.retain({ beforeMicros: 1e18, maxBytes, upTo, rollups: "sums" })).events).toBe(300)
          expect((yield* upkeep.verify).aged).toEqual({ first: 2, last: 305, events: 300, rollups: "sums" })
          yield* rollups.save([], [old])
          expect(yield* rollups.get(old)).toBeNull()
          expect(yield* rollups.get(sum)).toEqual(Uint8Array.of(2))
          yield* upkeep.retain({ beforeMicros: 0, maxBytes: -1 })
          expect(yield* rollups.scan(Uint8Array.of(0), Uint8Array.of(255), 1000)).toEqual([one])
          expect((yield* all(log.read({}))).every(isAction)).toBe(true)
          expect((yield* upkeep.verify).damage).toEqual([])
        }).pipe(Effect.provide(there.open()))
      }),
    )

    it.scoped("ages while it is appended to and while an old moment is read", () =>
      Effect.gen(function* () {
        const there = yield* place
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          const upkeep = yield* LogUpkeep
          const whole = yield* hours(1, 40)
          const appending = Effect.forEach(
            Array.from({ length: 40 }, (_, round) => round),
            (round) => log.append(batch(round % 2 === 0 ? actions(round, 2) : collectives(round, 2))),
          )
          const aging = Effect.forEach(
            Array.from({ length: 40 }, (_, hour) => hour),
            (hour) => upkeep.retain({ beforeMicros: hour * HOUR * 1000, maxBytes: Number.MAX_SAFE_INTEGER }),
          )
          const reading = Effect.forEach(Array.from({ length: 40 }), () => all(log.read({ to: Position(1000) })))
          const [, , reads] = yield* Effect.all([appending, aging, reading], { concurrency: "unbounded" })
          const acts = whole.filter(({ position }) => position <= 1000).filter(isAction)
          for (const read of reads) expect(read.filter(isAction)).toEqual(acts)
          expect((yield* upkeep.verify).damage).toEqual([])
        }).pipe(Effect.provide(there.open()))
      }),
    )

    it.scoped("makes a backup that is whole, opens, and is another log from there on", () =>
      Effect.gen(function* () {
        const there = yield* place
        const target = join(yield* folder, "backup")
        const [before, logId] = yield* Effect.gen(function* () {
          const log = yield* EventLog
          const upkeep = yield* LogUpkeep
          yield* hours(1, 6)
          yield* upkeep.retain({ beforeMicros: 3 * HOUR * 1000, maxBytes: Number.MAX_SAFE_INTEGER })
          const before = yield* all(log.read({}))
          const appending = Effect.forEach(Array.from({ length: 20 }), () => log.append(batch(collectives(0, 2))))
          const [made] = yield* Effect.all([upkeep.backup(target), appending], { concurrency: 2 })
          expect(made.head).toBeGreaterThanOrEqual(510)
          return [before, (yield* log.info).logId] as const
        }).pipe(Effect.provide(there.open()))
        expect((yield* verifyDirectory(target)).damage).toEqual([])
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          expect((yield* all(log.read({}))).slice(0, before.length)).toEqual(before)
          expect((yield* log.info).logId).not.toBe(logId)
          expect((yield* log.append(batch(actions(3, 1), "hour-3"))).repeated).toBe(true)
          yield* log.append(batch(actions(1, 1)))
        }).pipe(Effect.provide(LevelEventLog.layer({ directory: target, ballastBytes: 4096 })))
        expect((yield* verifyDirectory(target)).intact).toBe(true)
      }),
    )
  })
}
