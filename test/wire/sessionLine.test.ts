// The line in which an event travels, and the fast check that reads it.

import { Arbitrary, Either, FastCheck, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { KnownEvent } from "../../src/domain/Event.ts"
import { CollectiveEvent, type Reporter } from "../../src/domain/events/CollectiveEvents.ts"
import { isoTime } from "../../src/domain/Moment.ts"
import * as QuickCheck from "../../src/wire/quickCheck.ts"
import { format, fromJson, parse } from "../../src/wire/sessionLine.ts"

const line = {
  position: 7,
  at: "2026-01-31T03:00:00.000001Z",
  mono: 12,
  actor: "agent",
  command: null,
  type: "AgentStopped",
  data: { reason: "asked" },
}

const envelopeOf = (event: KnownEvent): Envelope => ({
  position: Position(1),
  at: 1e15,
  mono: 5,
  actor: "a",
  command: null,
  event,
})

const none = { algorithm: null, dataType: null, count: null, rootRank: null, remoteRank: null, bytes: null }

const ordered = ({ key, runId, host, pid }: Reporter): Reporter => ({ key, runId, host, pid })

/** JSON knows neither these numbers nor undefined. */
const isJson = (event: KnownEvent): boolean =>
  !/"[^"]*(NaN|Infinity)/.test(
    JSON.stringify(event, (_, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? "NaN" : value,
    ),
  )

describe("a session line", () => {
  it("comes back as the same line, whatever the event", () => {
    FastCheck.assert(
      FastCheck.property(Arbitrary.make(KnownEvent).filter(isJson), (event) => {
        const text = format(envelopeOf(event))
        const parsed = fromJson(JSON.parse(text))
        expect(Either.isRight(parsed)).toBe(true)
        if (Either.isRight(parsed)) expect(format(parsed.right)).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  it("is read by hand as by the schema, and written by hand as by JSON", () => {
    const read = (text: string) => parse(`x${text}y`, 1, text.length + 1)
    FastCheck.assert(
      FastCheck.property(
        Arbitrary.make(CollectiveEvent).filter(isJson),
        FastCheck.integer({ min: 0, max: 4e15 }),
        FastCheck.string(),
        FastCheck.boolean(),
        (event, at, actor, plain) => {
          // As a log gives it back: its fields in the order in which they are stored.
          const { algorithm, dataType, count, rootRank, remoteRank, bytes, ...shared } = { ...none, ...event }
          const stored = { ...shared, reporter: ordered(shared.reporter), extra: plain ? null : shared.extra }
          const own = "algorithm" in event ? { algorithm, dataType, count, rootRank } : { remoteRank, bytes }
          const envelope = { ...envelopeOf({ ...stored, ...own } as KnownEvent), at, actor }
          const { _tag, ...data } = envelope.event
          const text = format(envelope)
          expect(text).toBe(
            `{"position":1,"at":"${isoTime(at)}","mono":5,"actor":${JSON.stringify(actor)},"command":null,"type":"${_tag}","data":${JSON.stringify(data)}}`,
          )
          for (const line of [text, `${text.slice(0, -1)},"crc":"00000000"}`, `${text.slice(0, -1)},"carried":true}`]) {
            expect(read(line)).toEqual(fromJson(JSON.parse(line)))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it("is left to the schema when it looks otherwise", () => {
    const event = FastCheck.sample(Arbitrary.make(CollectiveEvent), { numRuns: 1, seed: 1 })[0] as KnownEvent
    const text = format(envelopeOf(event))
    for (let cut = 0; cut < text.length; cut++) {
      expect(Either.isLeft(parse(text, 0, cut)), text.slice(0, cut)).toBe(true)
    }
  })

  it("keeps the fields of a newer writer and their order", () => {
    const data = { later: { added: true }, reason: "asked" }
    const parsed = Either.getOrThrow(fromJson({ ...line, data }))
    expect(format(parsed)).toContain(JSON.stringify(data))
  })

  it("keeps an event that nobody here knows", () => {
    const parsed = Either.getOrThrow(fromJson({ ...line, type: "MoonPhaseSeen", data: { phase: "full" } }))
    expect(parsed.event).toEqual({ _tag: "Unknown", type: "MoonPhaseSeen", data: { phase: "full" } })
  })

  it.each([
    ["no object", [], "it is no JSON object"],
    ["a position of 0", { ...line, position: 0 }, "its position is not a whole number from 1"],
    ["a position that is too large", { ...line, position: 2 ** 53 }, "its position is not a whole number from 1"],
    ["a time without a zone", { ...line, at: "2026-01-31T03:00:00" }, "its at is not an ISO 8601 time"],
    ["no actor", { ...line, actor: undefined }, "its actor is not a text"],
    ["a command that is a number", { ...line, command: 1 }, "its command is not a text or null"],
    ["data that are an array", { ...line, data: [] }, "its data is not an object at most 64 deep"],
    ["data that are no such event", { ...line, data: {} }, "its data are no AgentStopped"],
  ])("refuses %s", (_, json, reason) => {
    const parsed = fromJson(json)
    expect(Either.isLeft(parsed) && parsed.left).toContain(reason)
  })

  it("refuses data deeper than 64 instead of running out of stack", () => {
    const data: unknown = JSON.parse(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)
    expect(Either.isLeft(fromJson({ ...line, type: "Deep", data }))).toBe(true)
  })

  it("takes __proto__ for a field like any other", () => {
    const parsed = fromJson(
      JSON.parse(
        `{"position":1,"at":"2026-01-31T03:00:00Z","mono":1,"actor":"a","command":null,"type":"X","data":{"__proto__":{"polluted":1}}}`,
      ),
    )
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(format(Either.getOrThrow(parsed))).toContain(`"data":{"__proto__":{"polluted":1}}`)
  })
})

describe("the quick check", () => {
  const checks = QuickCheck.byTag(KnownEvent)
  const accepts = Schema.is(KnownEvent)

  it("covers every event that is known", () => {
    const tags = FastCheck.sample(Arbitrary.make(KnownEvent), 500).map((event) => event._tag)
    for (const tag of tags) expect(checks.has(tag), tag).toBe(true)
  })

  it("lets pass what the schema makes", () => {
    FastCheck.assert(
      FastCheck.property(Arbitrary.make(KnownEvent), (event) => checks.get(event._tag)?.(event) === true),
      {
        numRuns: 300,
      },
    )
  })

  it("lets nothing pass that the schema refuses", () => {
    const broken = FastCheck.tuple(Arbitrary.make(KnownEvent), FastCheck.nat(), FastCheck.jsonValue()).map(
      ([event, at, value]) => {
        const keys = Object.keys(event)
        return Object.assign({}, event, { [keys[at % keys.length] ?? "_tag"]: value, _tag: event._tag })
      },
    )
    FastCheck.assert(
      FastCheck.property(broken, (value) => checks.get(value._tag)?.(value) !== true || accepts(value)),
      { numRuns: 1000 },
    )
  })
})
