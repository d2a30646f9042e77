// A recorded session behind the ports of a live log: any moment of a file, of a slice and of a data directory.

import { it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Moment } from "../../src/domain/Moment.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { LogReader } from "../../src/projections/LogReader.ts"
import { processes } from "../../src/projections/processes.ts"
import { Views } from "../../src/projections/Views.ts"
import { openSession } from "../../src/session/openSession.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import { beginning, everything, folder, sessionOf } from "./given.ts"

const at = (position: number): Moment => ({ _tag: "AtPosition", position: Position(position) })

/** What the processes looked like at a moment: names and whether an end is known. */
const seen = (moment: Moment) =>
  Effect.gen(function* () {
    const view = yield* (yield* Views).at(moment)
    const known = Array.from(view.state(processes).byId.values(), (one) => JSON.stringify(one))
    return { position: view.position, known }
  })

const written = (directory: string, events: ReturnType<typeof everything>) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    for (const { event, actor, command } of events) yield* log.append({ actor, command, events: [event] })
  }).pipe(Effect.provide(LevelEventLog.layer({ directory, ballastBytes: 0 })))

const filesOf = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`)

describe("an opened session", () => {
  it.scoped("shows any moment", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const opened = yield* openSession(file("a.ndjson", yield* sessionOf(everything(1200))))
      expect(opened).toMatchObject({ kind: "file", notice: null })
      const moments = yield* Effect.forEach([at(2), at(7), at(1200), { _tag: "Now" } as Moment], seen).pipe(
        Effect.provide(opened.layer),
      )
      expect(moments.map(({ position, known }) => [position, known.length])).toEqual([
        [2, 1],
        [7, 2],
        [1200, 2],
        [1200, 2],
      ])
      const later = yield* Effect.flip(Effect.provide(seen(at(1201)), opened.layer))
      expect(later).toMatchObject({ reason: "position 1201 is not written yet; the last one is 1200" })
    }),
  )

  it.scoped("of a slice knows what was carried, and nothing of the time before", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const slice = yield* sessionOf(everything(60), { from: at(30) })
      const opened = yield* openSession(file("slice.ndjson", slice))
      const { layer } = opened
      expect(yield* Effect.provide(seen(at(30)), layer)).toMatchObject({
        position: 30,
        known: [expect.stringContaining("worker")],
      })
      const early = [at(29), at(2), at(0), { _tag: "AtTime", micros: beginning + 1_000_000 } as Moment]
      for (const moment of early) {
        expect((yield* Effect.flip(Effect.provide(seen(moment), layer))).reason).toMatch(
          /^(this session begins at position 30|nothing is recorded at or before 2026-)/,
        )
      }
    }),
  )

  it.scoped("says what is missing of a torn one", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const whole = yield* sessionOf(everything(100))
      const path = file("torn.ndjson", whole.subarray(0, whole.length / 2))
      const opened = yield* openSession(path)
      expect(opened.notice).toMatch(
        /torn\.ndjson is torn after line \d+: it holds positions up to \d+; positions \d+ to 100 are missing$/,
      )
      const { position } = yield* Effect.provide(seen({ _tag: "Now" }), opened.layer)
      expect(position).toBeGreaterThan(20)
    }),
  )

  it.scoped("may be empty", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const opened = yield* openSession(file("none.ndjson", yield* sessionOf([])))
      expect(yield* Effect.provide(seen({ _tag: "Now" }), opened.layer)).toEqual({ position: 0, known: [] })
    }),
  )
})

describe("an opened data directory", () => {
  it.scoped("is read without a byte of it changing, and shows what was written", () =>
    Effect.gen(function* () {
      const { path } = yield* folder
      const events = everything(80)
      yield* written(join(path, "log"), events)
      const before = filesOf(path)
      const opened = yield* openSession(path)
      const read = yield* Effect.gen(function* () {
        const reader = yield* LogReader
        expect(yield* reader.source).toMatchObject({ kind: "directory", node: "node-1", bootId: "boot-1", head: 80 })
        return yield* Stream.runCollect(reader.follow(Position(1)))
      }).pipe(Effect.provide(opened.layer))
      const flat = Array.from(read).flat()
      expect(flat.map(({ event }) => event)).toEqual(events.map(({ event }) => event))
      expect(yield* Effect.provide(seen(at(7)), opened.layer)).toMatchObject({ position: 7 })
      expect(filesOf(path).filter((line) => !line.includes(".scratch-"))).toEqual(before)
      expect(yield* verifySession(path)).toMatchObject({ kind: "directory", intact: true, events: 80, to: 80 })
    }),
  )

  it.scoped("that an agent holds is refused, and so is one without a log", () =>
    Effect.gen(function* () {
      const { path } = yield* folder
      const empty = yield* Effect.flip(openSession(path))
      expect(empty.message).toMatch(/cannot be opened: .*there is no log of Annalist in it/)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Layer.build(LevelEventLog.layer({ directory: join(path, "log"), ballastBytes: 0 }))
          const held = yield* Effect.flip(openSession(path))
          expect(held.message).toMatch(/cannot be opened: .*held/)
          expect((yield* Effect.flip(verifySession(path))).message).toMatch(/held/)
        }),
      )
    }),
  )
})
