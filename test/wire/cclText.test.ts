import { isAscii } from "node:buffer"
import fc from "fast-check"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import * as StrictJson from "../../src/http/door/StrictJson.ts"
import { built, eventOf } from "../../src/wire/ccl.ts"
import { fieldsOf } from "../../src/wire/cclText.ts"

const sender = { pid: 7, host: "here", address: "127.0.0.1" }
const theLongWay = (text: string) =>
  Either.flatMap(StrictJson.parse(Buffer.from(text)), (record) => eventOf(record, sender))

const names = [
  "opType",
  "algorithm",
  "dataType",
  "count",
  "rootRank",
  "remoteRank",
  "context_rank",
  "context_size",
  "bytes",
  "startTime",
  "endTime",
  "filename",
  "finished",
  "run_id",
  "comm_id",
  "seq",
  "host",
  "pid",
  "other",
]
const numbers = fc.oneof(
  fc.integer({ min: -3, max: 40 }),
  fc.constantFrom(0, -0, 1.5, 1e21, 2_147_483_648, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1),
  fc.integer({ min: 1_600_000_000_000_000, max: 1_800_000_000_000_000 }),
)
const texts = fc.oneof(
  fc.constantFrom("allreduce", "send", "recv", "ring", "float32", "", "a".repeat(300), 'q"', "b\\", "ü", "\u0001"),
  fc.string({ maxLength: 12 }),
)
const spelt = (value: unknown): string => (Object.is(value, -0) ? "-0" : JSON.stringify(value))
const anything = fc.array(
  fc.tuple(fc.constantFrom(...names), fc.oneof(numbers, texts, fc.boolean(), fc.constant(null), fc.constant([1]))),
  { maxLength: 20 },
)
/** Fields that are right, all but now and then one, each once and in any order. */
const plausible = fc
  .record(
    {
      opType: fc.constantFrom("allreduce", "send", "barrier"),
      filename: fc.oneof(fc.constantFrom("train.py", ""), texts),
      count: fc.oneof({ weight: 9, arbitrary: fc.nat() }, numbers),
      context_rank: fc.nat(4),
      context_size: fc.integer({ min: 3, max: 9 }),
      rootRank: fc.integer({ min: -1, max: 3 }),
      remoteRank: fc.integer({ min: -1, max: 3 }),
      startTime: fc.nat(),
      endTime: fc.nat(),
      finished: fc.boolean(),
      run_id: fc.oneof(fc.constant("r"), fc.nat()),
      pid: fc.nat(),
    },
    { requiredKeys: [] },
  )
  .chain((fields) => {
    const entries: Array<[string, unknown]> = Object.entries(fields)
    return fc.shuffledSubarray(entries, { minLength: entries.length })
  })
const record = fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: anything })
/** As somebody could write it: fields in any order, perhaps twice, with spaces, torn or with something behind. */
const line = fc
  .tuple(
    record,
    fc.constantFrom("", " ", "  "),
    fc.constantFrom("", "", "", "", "", "x", " ", "}", "{}", ","),
    fc.nat(9),
  )
  .map(([fields, gap, rest, torn]) => {
    const inner = fields.map(([name, value]) => `"${name}":${gap}${spelt(value)}`).join(`,${gap}`)
    const whole = `{${gap}${inner}${gap}}${rest}`
    return torn === 0 ? whole.slice(0, whole.length - 2) : whole
  })

describe("the short way to read a record", () => {
  it("gives what the long way gives, or nothing", () => {
    let read = 0
    fc.assert(
      fc.property(line, fc.nat(3), (text, before) => {
        const padded = `${"p".repeat(before)}${text}\nnext`
        const isPlain = isAscii(Buffer.from(padded))
        const fields = isPlain ? fieldsOf(padded, before, before + text.length) : null
        if (fields === null) return
        read++
        expect(Either.right(built(fields, sender))).toEqual(theLongWay(text))
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(200)
  })

  it("is the way of every record that a reporter writes plainly", () => {
    for (const text of [
      `{"opType":"allreduce","algorithm":"ring","dataType":"float32","count":1024,"rootRank":-1,"context_rank":2,"context_size":4,"startTime":1703448237123456,"endTime":0,"filename":"allreduce.cpp","finished":false}`,
      `{"opType": "send", "remoteRank": 3, "context_rank": 1, "context_size": 4, "bytes": 4096, "startTime": 5, "endTime": 9, "filename": "p2p.cpp", "finished": true}`,
      `{"pid":5,"host":"h","seq":1,"run_id":"r","comm_id":3,"opType":"barrier"}`,
    ]) {
      const fields = fieldsOf(text, 0, text.length)
      expect(fields, text).not.toBeNull()
      if (fields !== null) expect(Either.right(built(fields, sender))).toEqual(theLongWay(text))
    }
  })

  it("leaves to the long way what needs explaining", () => {
    for (const text of [
      `{"opType":"x","context_rank":4,"context_size":4}`,
      `{"opType":"x","count":01}`,
      `{"opType":"x","count":-1}`,
      `{"opType":"x","count":9007199254740993}`,
      `{"opType":"x","count":1e3}`,
      `{"opType":"x","opType":"y"}`,
      `{"opType":""}`,
      `{"count":1}`,
      `{}`,
      `{"opType":"x"`,
      `{"opType":"x"}}`,
      `{"opType":"x",}`,
      `[]`,
      ``,
    ])
      expect(fieldsOf(text, 0, text.length), text).toBeNull()
  })
})
