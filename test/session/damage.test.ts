// Damage is named by line and position, and what is no session is said to be none, in one sentence.

import { it } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { describe, expect } from "vitest"
import { maxLineBytes } from "../../src/session/Lines.ts"
import { openFile } from "../../src/session/openFile.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import { everything, folder, sessionOf } from "./given.ts"

const flipped = (bytes: Buffer, place: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ (1 << bit)
  return copy
}

const lineOf = (bytes: Buffer, place: number): number => bytes.subarray(0, place).toString("latin1").split("\n").length

/** As another program would write it: without checksums of lines, the digest right. */
const unsealed = (lines: ReadonlyArray<string>): string => {
  const body = `${lines.join("\n")}\n`
  return `${body}{"end":true,"count":${lines.length - 1},"digest":"sha256:${createHash("sha256").update(body).digest("hex")}"}\n`
}
const header = (to: number) =>
  `{"annalist":1,"node":"n","boot_id":"b","from":1,"to":${to},"created":"2026-01-31T03:00:00Z"}`
const event = (position: number, more = "") =>
  `{"position":${position},"at":"2026-01-31T03:00:00Z","mono":1,"actor":"a","command":null,"type":"AgentStopped","data":{"reason":"r${position}"}${more}}`

describe("a damaged session", () => {
  it.scoped("is named by the line of a flipped bit, wherever it is", () =>
    Effect.gen(function* () {
      const whole = yield* sessionOf(everything(60))
      const { file } = yield* folder
      for (let index = 0; index < 60; index++) {
        const place = Math.floor((whole.length * index) / 60)
        const path = file("flipped.ndjson", flipped(whole, place, index % 8))
        // Only the very first bytes say that this was a session at all.
        if (place < 12) continue
        const found = yield* verifySession(path)
        const line = lineOf(whole, place)
        expect(found.intact).toBe(false)
        expect(
          found.damage.map((one) => one.line),
          `bit ${index % 8} of byte ${place}`,
        ).toContain(line)
        const [first] = found.damage
        if (line > 1 && line <= 61) expect(first?.from, `byte ${place}`).toBe(line - 1)
        const refused = yield* Effect.flip(openFile(path))
        expect(refused.cause).toBe("damaged")
        expect(refused.message).toContain(line === 1 ? "damaged header" : `line ${line}`)
      }
    }),
  )

  it.scoped("tells a lost, a doubled, a swapped and a foreign line by their positions", () =>
    Effect.gen(function* () {
      const lines = (yield* sessionOf(everything(20))).toString().trimEnd().split("\n")
      const { file } = yield* folder
      const verified = (edited: ReadonlyArray<string>) => verifySession(file("edited.ndjson", `${edited.join("\n")}\n`))
      const lost = yield* verified(lines.toSpliced(5, 2))
      expect(lost.damage).toEqual([
        { line: null, from: 5, to: 6, reason: "positions 5 to 6 are missing from the file" },
      ])
      const doubled = yield* verified(lines.toSpliced(5, 0, lines[5] ?? ""))
      expect(doubled.damage[0]).toMatchObject({ line: 7, reason: "has position 5 after position 5" })
      const swapped = yield* verified(lines.toSpliced(5, 2, lines[6] ?? "", lines[5] ?? ""))
      expect(swapped.intact).toBe(false)
      expect(swapped.damage[0]).toMatchObject({ line: 7 })
      const more = yield* verified([...lines, lines[5] ?? ""])
      expect(more.damage[0]).toMatchObject({ line: 23, reason: "stands after the end line" })
      const foreign = yield* verified(lines.toSpliced(8, 0, "{}", "[]", "nonsense", ""))
      expect(foreign.damage.map(({ line }) => line)).toEqual([9, 10, 11, 12])
      expect(foreign.damage.every(({ from }) => from === null)).toBe(true)
    }),
  )

  it.scoped("without checksums of lines is still told by its digest", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const lines = [header(3), event(1), event(2), event(3)]
      expect(yield* verifySession(file("plain.ndjson", unsealed(lines)))).toMatchObject({ intact: true, events: 3 })
      const changed = yield* verifySession(file("plain.ndjson", unsealed(lines).replace("r2", "r9")))
      expect(changed.damage).toMatchObject([{ line: null, from: 1, to: 3 }])
      expect(changed.sentence).toContain("the digest does not match")
      const short = unsealed(lines).replace(`"count":3`, `"count":4`)
      expect((yield* verifySession(file("plain.ndjson", short))).sentence).toContain("counts 4 events, the file has 3")
    }),
  )

  it.scoped("cannot be made to run out of anything by a hostile line", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const deep = event(2).replace(`"r2"`, `"r2","deep":${"[".repeat(400_000)}${"]".repeat(400_000)}`)
      const hostile = [
        ["long", event(2, `,"x":"${"x".repeat(maxLineBytes)}"`), "is longer than 2 MiB"],
        ["deep", deep, "at most 64 deep"],
        ["huge number", event(2, `,"x":1e400`).replace(`"mono":1`, `"mono":1e400`), "its mono is not"],
        ["no UTF-8", event(2).replace("r2", "\u00ff"), "is not UTF-8"],
        ["negative", event(2).replace(`:2,`, `:-2,`), "its position is not"],
        ["null", "null", "is not a JSON object"],
      ] as const
      for (const [name, line, reason] of hostile) {
        const text = unsealed([header(3), event(1), line, event(3)])
        const path = file("hostile.ndjson", Buffer.from(text, name === "no UTF-8" ? "latin1" : "utf8"))
        const found = yield* verifySession(path)
        expect(found.damage, name).toMatchObject([{ line: 3, from: 2, to: 2 }])
        expect(found.damage[0]?.reason, name).toContain(reason)
      }
    }),
  )

  it.scoped("in a packed file is named, too", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const packed = gzipSync(yield* sessionOf(everything(3000)))
      const found = yield* verifySession(file("a.gz", flipped(packed, packed.length / 2, 3)))
      expect(found.intact).toBe(false)
      expect(found.damage[0]?.line).toBeGreaterThan(1)
    }),
  )
})

describe("what is no session", () => {
  const rows: ReadonlyArray<readonly [name: string, content: string | Uint8Array, cause: string, sentence: RegExp]> = [
    ["an empty file", "", "foreign", /is empty: there is no session in it$/],
    [
      "foreign NDJSON",
      `{"level":30,"msg":"hello"}\n{"level":30}\n`,
      "foreign",
      /is NDJSON, but no Annalist session: its first line has the fields level, msg, not "annalist"$/,
    ],
    ["a text", "Dear diary,\n", "foreign", /is no Annalist session: its first line is not a header/],
    ["a text without a line end", "Dear diary,", "foreign", /is no Annalist session/],
    ["a binary", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0x0a, 1]), "foreign", /is no Annalist session/],
    ["one endless line", "x".repeat(5_000_000), "foreign", /is no Annalist session/],
    [
      "a newer version",
      `{"annalist":2,"node":"n","boot_id":"b"}\n`,
      "newer",
      /is a session of format 2; this Annalist reads up to format 1, a newer one will read it$/,
    ],
    [
      "a header without its fields",
      `{"annalist":1,"node":"n"}\n`,
      "damaged",
      /has a damaged header: line 1 is not what was written$/,
    ],
  ]
  it.scoped.each(rows)("is said in a sentence: %s", ([, content, cause, sentence]) =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const error = yield* Effect.flip(openFile(file("it", content)))
      expect(error.cause).toBe(cause)
      expect(error.message).toMatch(sentence)
    }),
  )

  it.scoped("is said in a sentence: a file that is not there", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(openFile("/nowhere/it"))).message).toBe("/nowhere/it does not exist")
    }),
  )
})
