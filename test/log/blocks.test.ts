import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, FastCheck as fc } from "effect"
import { type Event, KnownEvent } from "../../src/domain/Event.ts"
import { decodeBlock, encodeBlock, type Run } from "../../src/log/block/BlockCodec.ts"
import { Kind } from "../../src/log/block/BlockHeader.ts"
import { kindOf } from "../../src/log/block/EventSections.ts"
import { CommandId } from "../../src/domain/Brands.ts"
import { CollectiveEvent } from "../../src/domain/events/CollectiveEvents.ts"
import { SamplesTaken } from "../../src/domain/events/SampleEvents.ts"
import { collectives } from "./given.ts"

const place = {
  lane: "telemetry",
  logId: new Uint8Array(16),
  first: 1,
  ordinal: 1,
  previous: new Uint8Array(32),
} as const

const run = (events: ReadonlyArray<Event>, at = 1_700_000_000_000_000, command: string | null = null): Run => ({
  head: { count: events.length, at, mono: 123, actor: "test", command: command === null ? null : CommandId(command) },
  events,
})

const through = (events: ReadonlyArray<Event>) => {
  const read = decodeBlock(encodeBlock(place, [run(events)]))
  if ("problem" in read) throw new Error(read.problem)
  return read.envelopes.map(({ event }) => event)
}

/** What has come as JSON has no -0. */
const throughJson = (data: unknown) => JSON.parse(JSON.stringify(data)) as { readonly [field: string]: unknown }

const unknown = fc
  .record({ type: fc.string({ minLength: 1 }), data: fc.dictionary(fc.string(), fc.jsonValue()) })
  .map(({ type, data }): Event => ({ _tag: "Unknown", type: `New${type}`, data: throughJson(data) }))
// Own properties of that name cannot be told apart from the object's own prototype; the door refuses them.
const plain = (event: unknown) => !JSON.stringify(event).includes("__proto__")

/** Details that are there of some processes only, as no collector tells them, make a record of a look: it keeps no -0. */
const farLook = (event: typeof SamplesTaken.Type): typeof SamplesTaken.Type => ({
  ...event,
  processes: event.processes.map((one) => {
    const { descriptors: _1, receivedBytes: _2, sentBytes: _3, proportionalBytes: _4, ...counters } = one
    return counters
  }),
})

const measuresTaken = { _tag: "MeasuresTaken", collector: "own", takenMicros: 1, measures: [] } as const

/** Records keep no -0, which nothing counts or measures; columns do. */
const asRecorded = (event: Event): Event => (kindOf(event) === Kind.record ? (withoutMinusZero(event) as Event) : event)

const withoutMinusZero = (value: unknown): unknown => {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(withoutMinusZero)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMinusZero(inner)]))
}

/** A property holds or throws; the answer of `expect` would be taken for a verdict. */
const isSame = (found: unknown, given: unknown): void => {
  expect(found).toEqual(given)
}

describe("a block", () => {
  it("gives back every event that the types allow, in order", () => {
    const known = Arbitrary.make(KnownEvent).map((event) => (event._tag === "SamplesTaken" ? farLook(event) : event))
    const events = fc.array(fc.oneof(known, unknown), { minLength: 1, maxLength: 40 }).filter(plain)
    fc.assert(
      fc.property(events, (given) => isSame(through(given), given.map(asRecorded))),
      { numRuns: 300, examples: [[[{ ...measuresTaken, takenMicros: -0 }]]] },
    )
  })

  it("gives back looks at processes, close ones and others, beside each other", () => {
    const process = { pid: 7, startTicks: 1, parentPid: 1, name: "a", state: "S", cpuTicks: 5 }
    const counters = { ...process, residentBytes: 4096, virtualBytes: 0, threads: 1, readBytes: null, writtenBytes: 3 }
    const details = { descriptors: 3, receivedBytes: null, sentBytes: 17, proportionalBytes: 4097 }
    const look = (processes: ReadonlyArray<typeof counters>) =>
      ({ _tag: "SamplesTaken", collector: "processes", takenMicros: 1, host: null, processes }) as const
    const close = look([
      { ...counters, ...details },
      { ...counters, ...details, pid: 8 },
    ])
    const given = [look([counters]), close, look([]), close, look([counters, counters])]
    expect(through(given)).toEqual(given)
    expect(encodeBlock(place, [run(given)])[7]).toBe(4)
  })

  it("gives back collectives and samples whatever their numbers", () => {
    const odd = Arbitrary.make(CollectiveEvent)
    const samples = Arbitrary.make(SamplesTaken).map(farLook)
    const events = fc.array(fc.oneof(odd, samples), { minLength: 1, maxLength: 60 }).filter(plain)
    fc.assert(
      fc.property(events, (given) => isSame(through(given), given)),
      { numRuns: 300 },
    )
  })

  it("keeps as a record what its type does not allow", () => {
    const [first] = collectives(0, 1)
    const odd = [
      { ...first, rank: "three" },
      { ...first, added: { later: 1 } },
      { ...first, startTime: Number.NaN },
      { ...first, endTime: -0 },
      { ...first, startTime: 2 ** 60, endTime: 0.1 },
    ] as ReadonlyArray<unknown> as ReadonlyArray<Event>
    for (const event of odd) expect(through([event])).toEqual([event])
  })

  it("tells who, when and on whose command for every event", () => {
    const runs = [run(collectives(0, 3), 5, "one"), run(collectives(3, 1), 4), run(collectives(4, 2), 9, "two")]
    const read = decodeBlock(encodeBlock(place, runs))
    if ("problem" in read) throw new Error(read.problem)
    expect(read.envelopes.map(({ position, at, command }) => [position, at, command])).toEqual([
      [1, 5, "one"],
      [2, 5, "one"],
      [3, 5, "one"],
      [4, 4, null],
      [5, 9, "two"],
      [6, 9, "two"],
    ])
    expect(read.header).toMatchObject({ minAt: 4, maxAt: 9, count: 6 })
  })

  it("yields no event when any one bit is flipped", () => {
    const bytes = encodeBlock(place, [run(collectives(0, 20))])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect("problem" in decodeBlock(flipped)).toBe(true)
    }
  })

  it("packs collectives into at most twenty bytes each", () => {
    const bytes = encodeBlock(place, [run(collectives(0, 1000))])
    expect(bytes.length / 1000).toBeLessThanOrEqual(20)
  })
})
