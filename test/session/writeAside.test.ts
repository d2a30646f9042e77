// A session appears under its name once it is whole, and leaves nothing behind when it does not become so.

import { it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { describe, expect } from "vitest"
import { writeAside } from "../../src/session/writeAside.ts"
import { folder } from "./given.ts"

const text = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join("")
const chunks = Stream.fromIterable([Buffer.from(text.slice(0, 99_999)), Buffer.from(text.slice(99_999))])

describe("a file that is written aside", () => {
  it.scoped("holds what was written, packed as its name says", () =>
    Effect.gen(function* () {
      const { path } = yield* folder
      yield* writeAside(join(path, "a.ndjson"), chunks)
      yield* writeAside(join(path, "a.ndjson.gz"), chunks)
      expect(readFileSync(join(path, "a.ndjson"), "utf8")).toBe(text)
      expect(gunzipSync(readFileSync(join(path, "a.ndjson.gz"))).toString()).toBe(text)
      expect(readdirSync(path).toSorted()).toEqual(["a.ndjson", "a.ndjson.gz"])
    }),
  )

  it.scoped("takes an earlier one's place only when it is whole", () =>
    Effect.gen(function* () {
      const { path, file } = yield* folder
      const name = file("a.ndjson", "before")
      const broken = Stream.concat(chunks, Stream.fail("the agent is gone"))
      expect(yield* Effect.flip(writeAside(name, broken))).toBe("the agent is gone")
      expect(readFileSync(name, "utf8")).toBe("before")
      expect(readdirSync(path)).toEqual(["a.ndjson"])
      yield* writeAside(name, chunks)
      expect(readFileSync(name, "utf8")).toBe(text)
    }),
  )

  it.scoped("is gone when its writer is interrupted", () =>
    Effect.gen(function* () {
      const { path } = yield* folder
      const begun = yield* Deferred.make<void>()
      const endless = Stream.concat(
        chunks,
        Stream.execute(Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)),
      )
      const fiber = yield* Effect.fork(writeAside(join(path, "a.ndjson.gz"), endless))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      expect(readdirSync(path)).toEqual([])
    }),
  )

  it.scoped("says why it cannot be", () =>
    Effect.gen(function* () {
      const { path } = yield* folder
      mkdirSync(join(path, "taken"))
      const reason = (name: string) =>
        Effect.map(Effect.flip(writeAside(join(path, name), chunks)), ({ message }) => message)
      expect(yield* reason("nowhere/a")).toMatch(/nowhere\/a cannot be written: its folder does not exist$/)
      expect(yield* reason("taken")).toMatch(/taken cannot be written: it is a directory$/)
      if (!("createZstdCompress" in (yield* Effect.promise(() => import("node:zlib"))))) {
        expect(yield* reason("a.zst")).toMatch(
          /zstd needs Node 22\.15 or newer, this is Node .*: name the file \.gz instead$/,
        )
      }
      expect(readdirSync(path)).toEqual(["taken"])
    }),
  )
})
