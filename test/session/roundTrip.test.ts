// What is written is what is read, and what is written again is the same file.

import { it } from "@effect/vitest"
import { Arbitrary, Effect, FastCheck, type Scope, Stream } from "effect"
import { gzipSync } from "node:zlib"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { KnownEvent } from "../../src/domain/Event.ts"
import * as FileReader from "../../src/session/FileReader.ts"
import { openFile } from "../../src/session/openFile.ts"
import { scanFile, scanQuickly } from "../../src/session/scanFile.ts"
import * as SessionIndex from "../../src/session/SessionIndex.ts"
import type { SessionUnreadable } from "../../src/session/SessionUnreadable.ts"
import { writeSession } from "../../src/session/writeSession.ts"
import { beginning, everything, folder, recordedOf, sessionOf } from "./given.ts"

const collect = <E>(stream: Stream.Stream<ReadonlyArray<Envelope>, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Array.from(chunks).flat())

/** Reads a session file and writes it again with the same header. */
const rewritten = (path: string): Effect.Effect<Buffer, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* openFile(path)
    const { header, last } = file.report
    const reader = FileReader.make(file)
    const carried = yield* collect(reader.read({ from: Position(1), to: Position(header.from - 1) }))
    const events = reader.read({ from: header.from, to: Position(last) })
    const chunks = yield* Stream.runCollect(writeSession({ header, carried, events }))
    return Buffer.concat(Array.from(chunks))
  })

const opened = (bytes: Uint8Array): Effect.Effect<FileReader.IndexedFile, SessionUnreadable, Scope.Scope> =>
  Effect.flatMap(folder, ({ file }) => openFile(file("session.ndjson", bytes)))

describe("a session", () => {
  it.scoped("reads back every event", () =>
    Effect.gen(function* () {
      const events = everything(3000)
      const file = yield* opened(yield* sessionOf(events))
      const reader = FileReader.make(file)
      expect(yield* collect(reader.follow(Position(1)))).toEqual(events)
      expect(yield* reader.source).toMatchObject({
        node: "node-1",
        bootId: "boot-1",
        logId: "log-1",
        head: 3000,
        kind: "file",
      })
      expect(file.report).toMatchObject({ cut: null, damageCount: 0, count: 3000 })
    }),
  )

  it.scoped("is the same bytes when it is written again, whatever the events", () =>
    Effect.gen(function* () {
      const finite = FastCheck.sample(Arbitrary.make(KnownEvent), { numRuns: 300, seed: 7 }).map(
        (event) =>
          JSON.parse(
            JSON.stringify(event, (_, value: unknown) =>
              typeof value === "number" && !Number.isFinite(value) ? 0 : value,
            ),
          ) as KnownEvent,
      )
      const { file } = yield* folder
      const odd = recordedOf([{ _tag: "AgentStopped", reason: "\ud800 \u0000" }])
      for (const events of [recordedOf(finite), everything(50), odd, []]) {
        const bytes = yield* sessionOf(events)
        expect((yield* rewritten(file("session.ndjson", bytes))).equals(bytes)).toBe(true)
      }
    }),
  )

  it.scoped("is the same bytes when it is a slice, filtered or packed", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const slice = yield* sessionOf(everything(200), {
        from: { _tag: "AtPosition", position: Position(50) },
        types: ["CollectiveStarted"],
      })
      expect((yield* rewritten(file("slice.ndjson", slice))).equals(slice)).toBe(true)
      expect((yield* rewritten(file("slice.ndjson.gz", gzipSync(slice)))).equals(slice)).toBe(true)
      expect((yield* rewritten(file("misnamed.ndjson", gzipSync(slice)))).equals(slice)).toBe(true)
    }),
  )

  it.scoped("is judged by its digest as it is line by line", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const at = (position: number) => ({ _tag: "AtPosition", position: Position(position) }) as const
      const events = everything(2500)
      const whole = yield* sessionOf(events)
      const slice = yield* sessionOf(events, { from: at(900), to: at(2300), types: ["CollectiveStarted"] })
      for (const bytes of [whole, slice, gzipSync(whole), yield* sessionOf([])]) {
        const path = file("judged.ndjson", bytes)
        const [quick, slow] = [SessionIndex.make(), SessionIndex.make()]
        const quickly = yield* scanQuickly(path, { index: quick })
        const line = ({ position, at: time }: Envelope, carried: boolean, offset: number) =>
          slow.add(position, time, carried, offset)
        expect(quickly).toEqual(yield* scanFile(path, { thorough: true, visit: line }))
        expect(quick.marks).toEqual(slow.marks)
      }
      const changed = Buffer.from(whole)
      changed[whole.indexOf("allreduce")] = 0x41
      for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 9000), changed, Buffer.from("{}\n")]) {
        expect(yield* scanQuickly(file("judged.ndjson", bytes), { index: SessionIndex.make() })).toBeNull()
      }
    }),
  )

  it.scoped("finds any range without reading the whole", () =>
    Effect.gen(function* () {
      const events = everything(5000)
      const reader = FileReader.make(yield* opened(yield* sessionOf(events)))
      for (const [from, to] of [
        [1, 1],
        [1, 5000],
        [999, 1002],
        [2500, 2500],
        [4999, 9999],
        [6000, 7000],
        [10, 9],
      ] as const) {
        const read = yield* collect(reader.read({ from: Position(from), to: Position(to) }))
        expect(read.map(({ position }) => position)).toEqual(
          events.filter(({ position }) => position >= from && position <= to).map(({ position }) => position),
        )
      }
    }),
  )

  it.scoped("finds the last position of a time, though the clock jumped", () =>
    Effect.gen(function* () {
      const events = everything(3000).map((envelope) =>
        envelope.position > 2500 ? Object.assign({}, envelope, { at: envelope.at - 100_000_000 }) : envelope,
      )
      const reader = FileReader.make(yield* opened(yield* sessionOf(events)))
      for (const micros of [
        beginning - 1,
        beginning + 7,
        beginning + 50_000_000,
        beginning + 249_000_000,
        beginning + 1e12,
      ]) {
        expect(yield* reader.positionAt(micros)).toBe(events.findLast(({ at }) => at <= micros)?.position ?? 0)
      }
    }),
  )
})
