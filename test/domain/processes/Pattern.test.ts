import { Either } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Pattern from "../../../src/domain/processes/Pattern.ts"

const found = (pattern: string, text: string): boolean => {
  const made = Pattern.make(pattern)
  if (Either.isLeft(made)) throw new Error(made.left.reason)
  return made.right.found(text)
}
const refusal = (pattern: string): string => {
  const made = Pattern.make(pattern)
  return Either.isLeft(made) ? made.left.reason : "taken"
}

const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "-", ".", "\\d", "\\w", "[ab]", "[^a]", "[a-c0-9]", "\\.", "\\b") },
  { weight: 1, arbitrary: fc.constantFrom("^", "$") },
)
const pattern = fc.letrec<{ readonly whole: string; readonly part: string }>((tie) => ({
  whole: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc
      .tuple(fc.constantFrom("a", "[ab]", ".", "(?:ab)"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"))
      .map((two) => two.join("")),
    fc.tuple(tie("whole"), tie("whole")).map(([left, right]) => `(${left}|${right})`),
  ),
})).whole

describe("a pattern", () => {
  it("finds what the host language's expressions find", () =>
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "-", ".", " "), maxLength: 8 }),
        (source, text) => {
          expect(found(source, text)).toBe(new RegExp(source).test(text))
        },
      ),
      { numRuns: 3_000 },
    ))

  it("is Python's: searched anywhere, with its flags, names and anchors", () => {
    expect(found("", "anything")).toBe(true)
    expect(found(".*", "")).toBe(true)
    expect(found("(?i)RANK-\\d+", "my rank-07")).toBe(true)
    expect(found("(?P<kind>dfo|ru)-0[12]$", "dfo-02\n")).toBe(true)
    expect(found("\\Ax\\Z", "x")).toBe(true)
    expect(found("naïve.\\u00e9", "naïve é")).toBe(true)
    expect(found("[]a]", "]")).toBe(true)
    expect(found("a{,2}b", "aab")).toBe(true)
    expect(found("{", "{")).toBe(true)
  })

  it("that would make others backtrack for ever takes no longer than any other", () => {
    const began = performance.now()
    expect(found("(a+)+$", `${"a".repeat(4_000)}b`)).toBe(false)
    expect(found("(a|a)*(a|aa)+c", "a".repeat(4_000))).toBe(false)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it.each([
    ["(", /a \( without its \)/],
    ["a)", /a \) without its \(/],
    ["[a", /an end where something has to follow/],
    ["*a", /a \* with nothing to repeat/],
    ["a**", /a repetition of a repetition/],
    ["(a)\\1", /reference back/],
    ["(?=a)", /nothing that looks around/],
    ["a{2,1}", /whose end is before its beginning/],
    ["a{9999}", /more than 1000 repetitions/],
    ["((a{1000}){1000})", /too large/],
    ["(".repeat(60), /groups in each other/],
    ["x".repeat(1_001), /longer than 1000/],
    ["(?x)a", /flags/],
  ])("refuses %s by name", (source, reason) => expect(refusal(source)).toMatch(reason))
})
