import { Either } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { explain } from "../../src/http/door/JsonFault.ts"
import * as StrictJson from "../../src/http/door/StrictJson.ts"

const parse = (text: string | Uint8Array) =>
  StrictJson.parse(typeof text === "string" ? new TextEncoder().encode(text) : text)

/** Hostile or broken bodies, and what the answer must say of each. */
const refused: ReadonlyArray<readonly [name: string, body: string | Uint8Array, says: RegExp]> = [
  ["nothing", "", /there is no JSON/],
  ["only space", "  \n", /there is no JSON/],
  ["a bare word", "nope", /"nope" is not JSON.*line 1, column 1/],
  ["NaN", '{"a":NaN}', /"NaN" is not JSON.*line 1, column 6/],
  ["Infinity", '{"a":-Infinity}', /"-Infinity" is not JSON/],
  [
    "a number beyond a double",
    `{"count":1${"0".repeat(400)}}`,
    /the value of "count" is too large a number.*column 10/,
  ],
  ["10^400 in short", '{"count":1e400}', /the value of "count" is too large/],
  ["-10^400 in an array", "[1,\n -1e400]", /an item of the value is too large.*line 2, column 2/],
  ["500,000 deep arrays", "[".repeat(500_000), /nested more than 64 deep/],
  ["65 deep objects", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`, /nested more than 64 deep/],
  ["a doubled key", '{"a":1,"b":2,"a":3}', /the key "a" stands twice in the value.*column 14/],
  [
    "a doubled key further in",
    '{"x":[{"k":1,"\\u006b":2}]}',
    /the key "k" stands twice in an item of the value of "x"/,
  ],
  ["__proto__", '{"env_vars":{"__proto__":{"a":1}}}', /the key "__proto__" is not accepted/],
  ["constructor", '{"constructor":{}}', /the key "constructor" is not accepted/],
  ["an escaped prototype", '{"protot\\u0079pe":1}', /the key "prototype" is not accepted/],
  ["a lone surrogate", '{"a":"\\ud800"}', /half a surrogate pair/],
  ["a lone surrogate as a key", '{"\\uDC00":1}', /half a surrogate pair/],
  ["a trailing comma", "[1,]", /a comma stands before \]/],
  ["a missing comma", "[1 2]", /a comma or \] belongs here/],
  ["a missing colon", '{"a" 1}', /a colon belongs after the key "a"/],
  ["single quotes", "{'a':1}", /a key in double quotes or \} belongs here/],
  ["a comment", "{} // no", /more text after the end/],
  ["two values", "{}{}", /more text after the end/],
  ["a raw control character", '"a\u0001b"', /without raw control characters/],
  ["an open string", '{"a":"b', /not a closed string/],
  ["an open array", "[[1]", /ends before its closing \]/],
  ["a leading zero", "[01]", /"01" is not JSON/],
  ["a hexadecimal number", "[0x10]", /"0x10" is not JSON/],
  ["a byte order mark", "\uFEFF{}", /byte order mark/],
  ["invalid UTF-8", new Uint8Array([0x22, 0x61, 0xff, 0x22]), /not valid UTF-8 at byte 2/],
  ["half a character", new Uint8Array([0x22, 0xef, 0xbf, 0xbd, 0xe2, 0x82, 0x22]), /not valid UTF-8 at byte 4/],
]

describe("JSON at the door", () => {
  it.each(refused)("refuses %s and says what and where", (_, body, says) => {
    const result = parse(body)
    expect(Either.isLeft(result)).toBe(true)
    if (Either.isLeft(result)) {
      expect(result.left).toMatch(says)
      expect(result.left.length).toBeLessThan(250)
    }
  })

  it("takes 64 levels, whole surrogate pairs and U+FFFD", () => {
    expect(Either.isRight(parse(`${"[".repeat(64)}${"]".repeat(64)}`))).toBe(true)
    expect(Either.getOrThrow(parse('"\\ud83d\\ude00\uFFFD"'))).toBe("\u{1F600}\uFFFD")
  })

  it("costs next to nothing for a bomb of brackets", () => {
    const started = performance.now()
    parse("[".repeat(500_000))
    expect(performance.now() - started).toBeLessThan(100)
  })

  it("gives what JSON.parse gives for every sound value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value)
        const dangerous = /"(?:__proto__|constructor|prototype)":/.test(text)
        const surrogates = /\\ud[89a-f]/i.test(text)
        const result = parse(text)
        if (!dangerous && !surrogates) expect(Either.getOrThrow(result)).toEqual(JSON.parse(text))
      }),
    )
  })

  it("never takes what the slow reader faults, nor faults what JSON.parse refuses without a reason", () => {
    const pieces = ["{", "}", "[", "]", ":", ",", '"', '"a"', '"b"', "1", "-1.5e3", "true", "null", " ", "\\", "x"]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join("")
        expect(Either.isRight(parse(text))).toBe(explain(text) === null)
      }),
      { numRuns: 2000 },
    )
  })
})
