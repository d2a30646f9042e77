// A session that was cut anywhere still opens, up to its last whole line, and says what is missing.

import { it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { gzipSync } from "node:zlib"
import { describe, expect } from "vitest"
import { openFile } from "../../src/session/openFile.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import { everything, folder, sessionOf } from "./given.ts"

const events = 120

/** Pseudo-random and the same in every run. */
const placesIn = (length: number, count: number): ReadonlyArray<number> => {
  let state = 42
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % length
  })
}

describe("a torn session", () => {
  it.scoped("opens up to its last whole line, wherever it is torn", () =>
    Effect.gen(function* () {
      const whole = yield* sessionOf(everything(events))
      const { file } = yield* folder
      const header = whole.indexOf("\n") + 1
      for (const place of [...placesIn(whole.length, 50), header, header + 1, whole.length - 2]) {
        const torn = whole.subarray(0, place)
        const opened = yield* Effect.either(openFile(file("torn.ndjson", torn)))
        if (place < header) {
          expect(Either.isLeft(opened) && opened.left.reason).toMatch(/torn within its first line|is empty/)
          continue
        }
        const lines = torn.toString().split("\n").length - 2
        const { report } = Either.getOrThrow(opened)
        expect(report.last, `torn at ${place}`).toBe(Math.min(lines, events))
        expect(report.cut).toMatch(
          lines >= events ? /no event is missing$/ : new RegExp(`positions? ${lines + 1} .*missing$`),
        )
        expect(report.damageCount).toBe(0)
      }
    }),
  )

  it.scoped("is whole when only the last newline is gone", () =>
    Effect.gen(function* () {
      const whole = yield* sessionOf(everything(events))
      const { file } = yield* folder
      expect((yield* openFile(file("a.ndjson", whole.subarray(0, -1)))).report).toMatchObject({
        cut: null,
        last: events,
      })
    }),
  )

  it.scoped("is named by verify with the exact positions", () =>
    Effect.gen(function* () {
      const whole = (yield* sessionOf(everything(events))).toString()
      const { file } = yield* folder
      const lines = whole.split("\n")
      const found = yield* verifySession(file("cut.ndjson", `${lines.slice(0, 31).join("\n")}\n`))
      expect(found).toMatchObject({ intact: false, events: 30, damageCount: 1 })
      expect(found.damage[0]).toMatchObject({ line: null, from: 31, to: events })
      expect(found.sentence).toMatch(
        /cut\.ndjson ends with line 31, before its end line: it holds positions up to 30; positions 31 to 120 are missing$/,
      )
    }),
  )

  it.scoped("opens as far as it can be unpacked when the gzip was cut", () =>
    Effect.gen(function* () {
      const packed = gzipSync(yield* sessionOf(everything(2000)))
      const { file } = yield* folder
      for (const share of [0.2, 0.5, 0.9]) {
        const { report } = yield* openFile(file("cut.ndjson.gz", packed.subarray(0, packed.length * share)))
        expect(report.last).toBeGreaterThan(2000 * share * 0.5)
        expect(report.last).toBeLessThan(2000)
        expect(report.cut).toMatch(
          /torn after line \d+: it holds positions up to \d+; positions \d+ to 2000 are missing/,
        )
      }
    }),
  )

  it.scoped("says so when a gzip ends before its first line does", () =>
    Effect.gen(function* () {
      const packed = gzipSync(yield* sessionOf(everything(10)))
      const { file } = yield* folder
      const opened = yield* Effect.flip(openFile(file("stub.gz", packed.subarray(0, 12))))
      expect(opened.message).toMatch(/stub\.gz is (empty: there is no session in it|torn within its first line)/)
    }),
  )
})
