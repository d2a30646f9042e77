import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import { EventLog } from "../../src/log/EventLog.ts"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import * as SnapshotEventLog from "../../src/log/verify/SnapshotEventLog.ts"
import { verifyDirectory } from "../../src/log/verify/verifyDirectory.ts"
import { actions, batch, collectives } from "./given.ts"
import { folder } from "./folder.ts"

const written = (directory: string, rounds = 3) =>
  Effect.forEach(Array.from({ length: rounds }), (_, round) =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(batch(actions(round * 10, 3), `command-${round}`))
      yield* log.append(batch(collectives(round * 200, 200)))
    }).pipe(Effect.provide(LevelEventLog.layer({ directory, ballastBytes: 4096 }))),
  )

const logIn = Effect.gen(function* () {
  const directory = join(yield* folder, "log")
  yield* written(directory)
  return directory
})

describe("verifying a log on disk", () => {
  it.scoped("finds a whole log intact and changes no byte of it", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      const report = yield* verifyDirectory(directory)
      expect(report).toMatchObject({ intact: true, damage: [], head: 609, events: 609, notes: [] })
      expect(yield* verifyDirectory(directory)).toEqual(report)
      expect(readdirSync(join(directory, "..")).filter((name) => name.includes("scratch"))).toEqual([])
    }),
  )

  it.scoped("names the exact range when a stored block is not what was written", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      const level = join(directory, "level")
      const journal = readdirSync(level).find((name) => name.endsWith(".log"))!
      const bytes = readFileSync(join(level, journal))
      bytes[bytes.length - 100]! ^= 1
      writeFileSync(join(level, journal), bytes)
      const report = yield* verifyDirectory(directory)
      expect(report.intact).toBe(false)
      expect(report.damage).toMatchObject([{ from: 410, to: 609 }])
    }),
  )

  it.scoped("gives a log that lost its end a new id, and keeps the loss on record", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      const level = join(directory, "level")
      const journal = readdirSync(level).find((name) => name.endsWith(".log"))!
      const { size } = statSync(join(level, journal))
      const opened = Effect.flatMap(EventLog, (log) => log.info).pipe(
        Effect.provide(LevelEventLog.layer({ directory, ballastBytes: 4096 })),
      )
      const before = (yield* verifyDirectory(directory)).logId
      truncateSync(join(level, journal), size - 10)
      expect((yield* verifyDirectory(directory)).damage).toMatchObject([{ from: 410, to: 609 }])
      const info = yield* opened
      expect(info.head).toBe(409)
      expect(info.logId).not.toBe(before)
      expect((yield* opened).logId).toBe(info.logId)
      const after = yield* verifyDirectory(directory)
      expect(after.damage).toEqual([])
      expect(after.notes.map(({ reason }) => reason)).toEqual(["a new log id from here: tail lost: 410 to 609"])
    }),
  )

  it.scoped("never takes a missing CURRENT for a new log", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      rmSync(join(directory, "level", "CURRENT"))
      const stamps = () =>
        readdirSync(join(directory, "level")).map(
          (name) => `${name} ${statSync(join(directory, "level", name)).mtimeMs}`,
        )
      const before = stamps()
      const opened = yield* Effect.flip(Effect.scoped(Effect.provide(EventLog, LevelEventLog.layer({ directory }))))
      expect(opened._tag).toBe("LogUnopenable")
      expect(opened.advice).toContain("verify")
      expect(stamps()).toEqual(before)
      const report = yield* verifyDirectory(directory)
      expect(report.damage.map(({ reason }) => reason.slice(0, 22))).toEqual(["LevelDB cannot open it"])
      expect(report.events).toBe(609)
    }),
  )

  it.scoped("opens a log read-only without touching it", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      const before = yield* verifyDirectory(directory)
      const events = yield* Effect.gen(function* () {
        const log = yield* EventLog
        expect((yield* Effect.flip(log.append(batch(actions(1, 1)))))._tag).toBe("LogUnavailable")
        return Chunk.toReadonlyArray(yield* Stream.runCollect(log.read({}))).flat()
      }).pipe(Effect.provide(SnapshotEventLog.layer({ directory })))
      expect(events.length).toBe(609)
      expect((yield* verifyDirectory(directory)).files).toEqual(before.files)
    }),
  )

  it.scoped("refuses a directory that an agent holds, and one that is something else", () =>
    Effect.gen(function* () {
      const directory = yield* logIn
      yield* Effect.gen(function* () {
        const held = yield* Effect.flip(verifyDirectory(directory))
        expect(held.reason).toContain(`is held by process ${process.pid}`)
        yield* EventLog
      }).pipe(Effect.provide(LevelEventLog.layer({ directory })))
      expect((yield* Effect.flip(verifyDirectory(yield* folder)))._tag).toBe("LogUnopenable")
    }),
  )
})
