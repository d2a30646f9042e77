import { it } from "@effect/vitest"
import { Clock, Effect, Layer, Option, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import type { Position } from "../../src/domain/Brands.ts"
import type { KnownEvent } from "../../src/domain/Event.ts"
import type { ProcessCounters } from "../../src/domain/events/SampleEvents.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import { LogUpkeep } from "../../src/log/LogUpkeep.ts"
import { Rollups } from "../../src/log/Rollups.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { all } from "../../src/projections/all.ts"
import * as FoldedViews from "../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../src/projections/LiveReader.ts"
import { pack, unpack } from "../../src/projections/series/RowCodec.ts"
import { roll } from "../../src/projections/series/roll.ts"
import { mean, type Row, type Summary, total } from "../../src/projections/series/Row.ts"
import * as Series from "../../src/projections/series/Series.ts"
import * as SeriesKey from "../../src/projections/series/SeriesKey.ts"
import { age } from "../../src/reactors/Retention.ts"
import { collective } from "../log/given.ts"

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const processAt = (pid: number, look: number): ProcessCounters => ({
  pid,
  startTicks: pid * 10,
  parentPid: 1,
  name: `worker-${pid}`,
  state: "S",
  cpuTicks: 100 + pid * look,
  residentBytes: 4096 * (1000 + ((look * pid) % 17)),
  virtualBytes: 4096 * 30_000,
  threads: 1 + (look % 3),
  readBytes: pid === 7 ? null : 4096 * look,
  writtenBytes: 512 * look,
})

/** Each look 20 seconds after the one before. */
const look = (number: number, pids: ReadonlyArray<number> = [7, 8]): KnownEvent => ({
  _tag: "SamplesTaken",
  collector: "processes",
  takenMicros: number * 20e6,
  host: {
    cpuBusyTicks: number * 1000,
    cpuTotalTicks: number * 4000,
    cpuCores: 2,
    cpuThreads: 2,
    memoryTotalBytes: 2 ** 34,
    memoryFreeBytes: 2 ** 32,
    memoryAvailableBytes: 2 ** 33 - number * 4096,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
    load1: (number % 100) / 100,
    load5: 0.4,
    load15: 0.3,
    uptimeSeconds: number * 20,
    processCount: 100 + (number % 5),
  },
  processes: pids.map((pid) => processAt(pid, number)),
})

const begun = 1_700_000_000_000 - (1_700_000_000_000 % (24 * HOUR))

const everything = { fromMicros: begun * 1000, toMicros: 1e18 }

/** The clock stands at a time of ours: the test clock would wait at every step for all that sleeps. */
const atTime = (millis: number) => {
  const clock = Object.assign(Clock.make(), { currentTimeMillis: Effect.succeed(begun + millis) })
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, clock)
}

const append = (event: KnownEvent, millis: number) =>
  Effect.flatMap(EventLog, (log) => log.append({ actor: "test", command: null, events: [event] }).pipe(atTime(millis)))

const ageAt = (millis: number) => age({ keptHours: 1, keptBytes: 2 ** 40 }).pipe(atTime(millis))

/** An act every tenth look, so that positions are not looks. */
const looks = (from: number, to: number) =>
  Effect.gen(function* () {
    for (let number = from; number < to; number++) {
      yield* append(look(number), number * 20_000)
      if (number % 10 === 0) yield* append({ _tag: "RefusalsCounted", count: 1, windowMillis: 1 }, number * 20_000)
    }
  })

const present = Effect.gen(function* () {
  const log = yield* EventLog
  const { head } = yield* log.info
  const last = yield* Stream.runHead(log.read({ from: head }))
  return { position: head, at: Option.getOrThrow(last)[0]?.at ?? 0 }
})

const read = (key: string, query: Partial<Series.SeriesQuery> = {}) =>
  Effect.gen(function* () {
    return yield* Series.read({ key, ...everything, moment: yield* present, ...query })
  })

const over = (medium: MemoryStore.Medium = MemoryStore.medium()) =>
  LiveReader.layer({ name: "n", bootId: "b" }).pipe(Layer.provideMerge(MemoryEventLog.layer({ medium })))

const withViews = Layer.suspend(() => FoldedViews.layerCheckpointed(all).pipe(Layer.provideMerge(over())))

const seven = SeriesKey.ofProcess(7, 70)

describe("series", () => {
  it.effect("gives the looks at one process with the rates between them", () =>
    Effect.gen(function* () {
      yield* looks(1, 31)
      const { resolution, rows } = yield* read(seven)
      expect([resolution, rows.length]).toEqual(["raw", 30])
      expect(rows[0]).toMatchObject({ key: seven, label: "worker-7", at: (begun + 20_000) * 1000, looks: 1 })
      expect(Object.keys(rows[0]?.quantities ?? {})).toEqual(["residentBytes", "virtualBytes", "threads"])
      const { cpuPercent, writtenBytesPerSecond, readBytesPerSecond } = rows[9]?.quantities ?? {}
      expect([cpuPercent?.last, writtenBytesPerSecond?.last, readBytesPerSecond]).toEqual([0.35, 26, undefined])
      const ofHost = yield* read(SeriesKey.host)
      expect(ofHost.rows.at(-1)?.quantities["cpuPercent"]?.last).toBe(25)
      expect((yield* read(SeriesKey.ofPid(8))).rows[5]?.key).toBe("process/8/80")
      expect((yield* read(SeriesKey.ofPid(9))).rows).toEqual([])
    }).pipe(Effect.provide(over())),
  )

  it.effect("gives a window its first rate, and ends before its end", () =>
    Effect.gen(function* () {
      yield* looks(1, 31)
      const window = { fromMicros: (begun + 200_000) * 1000, toMicros: (begun + 300_000) * 1000 }
      const { rows } = yield* read(seven, window)
      expect(rows.map(({ at }) => at / 1000 - begun)).toEqual([200_000, 220_000, 240_000, 260_000, 280_000])
      expect(rows[0]?.quantities["cpuPercent"]?.last).toBe(0.35)
      const { threads } = total(rows).quantities
      expect(threads === undefined ? null : [threads.min, threads.max, mean(threads)]).toEqual([1, 3, 2.2])
    }).pipe(Effect.provide(over())),
  )

  it.effect("groups collectives that are alike", () =>
    Effect.gen(function* () {
      for (let seq = 0; seq < 40; seq++) yield* append(collective(seq), seq * 1000)
      const { rows } = yield* read("collective/", { finest: "1m" })
      expect(rows.map(({ key, looks }) => [key, looks])).toEqual([["collective/allreduce/float32/12/4", 20]])
      expect(rows[0]?.quantities).toEqual({
        durationMicros: { count: 20, min: 1200, max: 1200, sum: 24_000, last: 1200 },
        bytes: { count: 20, min: 4096, max: 4096, sum: 81_920, last: 4096 },
      })
    }).pipe(Effect.provide(over())),
  )

  it.effect("answers from rollups beyond the raw range, and says so", () =>
    Effect.gen(function* () {
      yield* looks(1, 60 * 9)
      const keys = [seven, SeriesKey.host, "process/"]
      const minutes = yield* Effect.forEach(keys, (key) => read(key, { finest: "1m" }))
      const hours = yield* Effect.forEach(keys, (key) => read(key, { finest: "1h" }))
      expect(minutes.map(({ rows }) => rows.length)).toEqual([180, 180, 360])
      expect(hours.map(({ rows }) => rows.length)).toEqual([3, 3, 6])
      yield* ageAt(3 * HOUR)
      const upkeep = yield* LogUpkeep
      expect((yield* upkeep.verify).aged?.events).toBeGreaterThan(300)
      expect((yield* upkeep.verify).aged?.rollups).toBe("series: minutes, hours")
      expect(yield* Effect.forEach(keys, (key) => read(key, { finest: "1m" }))).toEqual(minutes)
      expect(yield* Effect.forEach(keys, (key) => read(key, { finest: "1h" }))).toEqual(hours)
      expect((yield* read(seven, { finest: "raw" })).resolution).toBe("1m")
      const lately = { fromMicros: (begun + 2.5 * HOUR) * 1000, toMicros: 1e18 }
      expect((yield* read(seven, lately)).resolution).toBe("raw")
      const month = { fromMicros: (begun - 31 * 24 * HOUR) * 1000 }
      expect((yield* read(seven, month)).resolution).toBe("1h")
    }).pipe(Effect.provide(withViews)),
  )

  it.effect("answers at a past moment as it did then, before and after rolling up", () =>
    Effect.gen(function* () {
      const then: Array<[{ position: Position; at: number }, Series.SeriesAnswer]> = []
      for (let part = 0; part < 8; part++) {
        yield* looks(1 + part * 37, 1 + (part + 1) * 37)
        then.push([yield* present, yield* read(seven, { finest: "1m" })])
      }
      const again = Effect.forEach(then, ([moment]) => read(seven, { finest: "1m", moment }))
      expect(yield* again).toEqual(then.map(([, answer]) => answer))
      yield* roll
      expect(yield* again).toEqual(then.map(([, answer]) => answer))
    }).pipe(Effect.provide(over())),
  )

  it.effect(
    "makes the same rows however often it rolls up, counts nothing twice and takes what is appended at once",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }), async (parts) => {
            const answers = async (rolls: boolean) => {
              const medium = MemoryStore.medium()
              let from = 1
              let given: ReadonlyArray<Series.SeriesAnswer> = []
              for (const part of parts) {
                // Opened anew each time: nothing that is needed lies in memory alone.
                given = await Effect.runPromise(
                  Effect.gen(function* () {
                    yield* looks(from, from + part)
                    if (rolls) yield* roll
                    if (rolls && part % 2 === 0) yield* roll
                    yield* append(look(from + part), (from + part) * 20_000)
                    return yield* Effect.forEach(["", seven, SeriesKey.host], (key) => read(key, { finest: "1m" }))
                  }).pipe(Effect.provide(over(medium))),
                )
                from += part + 1
              }
              return given
            }
            expect(await answers(true)).toEqual(await answers(false))
          }),
          { numRuns: 10 },
        ),
      ),
  )

  it.effect("keeps nothing beyond its time", () =>
    Effect.gen(function* () {
      yield* looks(1, 200)
      const rollups = yield* Rollups
      const stored = Effect.map(rollups.scan(Uint8Array.of(0), Uint8Array.of(255), 1e6), ({ length }) => length)
      yield* ageAt(2 * HOUR)
      const both = yield* stored
      yield* ageAt(31 * 24 * HOUR)
      const hours = yield* stored
      yield* ageAt(732 * 24 * HOUR)
      // Three series in two stretches of minutes and one of hours, and how far they reach.
      expect([both, hours, yield* stored]).toEqual([10, 4, 1])
    }).pipe(Effect.provide(withViews)),
  )

  it("keeps rows exactly, whatever their numbers are", () => {
    const number = fc.oneof(
      fc.integer({ min: -1e6, max: 2 ** 40 }),
      fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    const names = ["cpuPercent", "residentBytes", "load1", "own"]
    const row = fc.tuple(fc.integer({ min: 1, max: 1200 }), fc.array(fc.option(number), { minLength: 4, maxLength: 4 }))
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (given) => {
        const rows = given.map(([looks, values], index): Row => {
          const quantities: Record<string, Summary> = {}
          for (const [at, name] of names.entries()) {
            const value = values[at] ?? null
            if (value === null) continue
            quantities[name] = { count: looks, min: value, max: value + 1, sum: value * looks, last: value }
          }
          return { key: "k", label: "l", at: index * 60e6, looks, quantities }
        })
        for (const [index, unpacked] of unpack(pack(rows, 0, 60e6), "k", 0, 60e6).entries()) {
          const { quantities, ...rest } = unpacked
          expect(rest).toEqual({ key: "k", label: "l", at: index * 60e6, looks: rows[index]?.looks })
          for (const [name, summary] of Object.entries(rows[index]?.quantities ?? {})) {
            for (const part of ["count", "min", "max", "sum", "last"] as const) {
              expect(quantities[name]?.[part]).toBe(summary[part])
            }
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})
