import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, FastCheck as fc, type Schema } from "effect"
import { type Event, KnownEvent, knownTypes, laneOf, typeOf } from "../../src/domain/Event.ts"
import { decodeBlock, encodeBlock } from "../../src/log/block/BlockCodec.ts"

// Blocks as they were once written, one file an event type. A reader must read them for ever: none is ever rewritten, a
// changed type gets another file beside the old one. `ANNALIST_GOLDEN=write npx vitest run test/log/golden.test.ts` writes those that are missing.

const folder = join(import.meta.dirname, "golden")

interface Golden {
  readonly events: ReadonlyArray<unknown>
  readonly block: string
}

const write = (name: string, events: ReadonlyArray<Event>): void => {
  const [first] = events
  if (first === undefined) return
  const place = {
    lane: laneOf(first),
    logId: new Uint8Array(16).fill(7),
    first: 1000,
    ordinal: 3,
    previous: new Uint8Array(32).fill(9),
  }
  const head = { count: events.length, at: 1_767_225_600_123_000, mono: 123_456_789, actor: "uid:1000", command: null }
  const block = Buffer.from(encodeBlock(place, [{ head, events }])).toString("base64")
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ events, block } satisfies Golden, null, 1)}\n`)
}

const SEED = 20_260_101

/** Three events of a type, the same on every machine. */
const examples = (type: string): ReadonlyArray<Event> => {
  const member = flat(KnownEvent).find(({ fields }) => fields._tag.ast.type.literal === type)
  if (member === undefined) throw new Error(`${type} is in no union`)
  const plain = Arbitrary.make(member as unknown as Schema.Schema<Event>)
  // JSON, in which the files are written, knows neither -0 nor this name.
  const told = (event: Event) => JSON.stringify(event)
  return fc
    .sample(
      plain.filter((event) => !told(event).includes("__proto__")),
      { seed: SEED, numRuns: 3 },
    )
    .map((event) => JSON.parse(told(event)) as Event)
}

interface Member {
  readonly fields: { readonly _tag: { readonly ast: { readonly type: { readonly literal: unknown } } } }
}

const flat = (schema: unknown): ReadonlyArray<Member> => {
  const { members } = schema as { readonly members?: ReadonlyArray<unknown> }
  return members === undefined ? [schema as Member] : members.flatMap(flat)
}

const unknown: Event = { _tag: "Unknown", type: "MoonRose", data: { phase: 0.25, over: ["sea", null, { tide: 3 }] } }

if (process.env["ANNALIST_GOLDEN"] === "write") {
  for (const type of knownTypes) if (!existsSync(join(folder, `${type}.json`))) write(type, examples(type))
  if (!existsSync(join(folder, "Unknown.json"))) write("Unknown", [unknown])
}

const names = existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.json$/, "")) : []

describe("blocks of long ago", () => {
  it("are kept for every event type that there is", () => {
    const kept = new Set(names.map((name) => name.split(".")[0]))
    expect(knownTypes.filter((type) => !kept.has(type))).toEqual([])
  })

  for (const name of names) {
    it(`are read as they were written: ${name}`, () => {
      const golden = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Golden
      const read = decodeBlock(Buffer.from(golden.block, "base64"))
      if ("problem" in read) throw new Error(read.problem)
      expect(read.header).toMatchObject({ first: 1000, ordinal: 3, count: golden.events.length })
      for (const [index, envelope] of read.envelopes.entries()) {
        // Fields that were added since may be there with their defaults; nothing that was written may be gone or other.
        expect(envelope.event).toMatchObject(golden.events[index] as object)
        expect(typeOf(envelope.event)).toBe(name === "Unknown" ? "MoonRose" : name.split(".")[0])
        expect(envelope).toMatchObject({
          position: 1000 + index,
          at: 1_767_225_600_123_000,
          actor: "uid:1000",
          command: null,
        })
      }
    })
  }

  it("give an event of a newer writer back untouched, and know it once it is known", () => {
    const head = { count: 1, at: 1, mono: 1, actor: "newer", command: null }
    const place = {
      lane: "action",
      logId: new Uint8Array(16),
      first: 1,
      ordinal: 1,
      previous: new Uint8Array(32),
    } as const
    // As a newer build writes it: under its own name.
    const newer = { _tag: "MoonRose", phase: 0.25 } as unknown as Event
    // As this build kept one that it did not know when it came in a session.
    const kept: Event = { _tag: "Unknown", type: "RefusalsCounted", data: { count: 3, windowMillis: 1000 } }
    const read = decodeBlock(encodeBlock(place, [{ head: { ...head, count: 2 }, events: [newer, kept] }]))
    if ("problem" in read) throw new Error(read.problem)
    expect(read.envelopes.map(({ event }) => event)).toEqual([
      { _tag: "Unknown", type: "MoonRose", data: { phase: 0.25 } },
      { _tag: "RefusalsCounted", count: 3, windowMillis: 1000 },
    ])
  })
})
