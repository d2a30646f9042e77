import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { arities } from "../../../src/domain/conditions/arities.ts"
import * as Condition from "../../../src/domain/conditions/Condition.ts"
import { functions } from "../../../src/domain/conditions/functions.ts"

const refusal = (text: string) => {
  const compiled = Condition.compile(text)
  return Either.isLeft(compiled) ? compiled.left : null
}

const holds = (text: string, scope: Record<string, unknown> = {}) => {
  const compiled = Condition.compile(text)
  if (Either.isLeft(compiled)) throw compiled.left
  return Condition.holds(compiled.right, (name) => (Object.hasOwn(scope, name) ? scope[name] : undefined))
}

describe("a condition", () => {
  it("takes the expressions of the documents", () => {
    const scope = { data: { value: 101 }, routine_id: "process" }
    expect(holds("data['value'] > 100", scope)).toBe(true)
    expect(holds("data.get('value', 0) > 100", scope)).toBe(true)
    expect(holds("data.get('other', 0) > 100", scope)).toBe(false)
    expect(holds("True")).toBe(true)
    expect(holds("routine_id in ('process', 'validate') and not data.get('skip')", scope)).toBe(true)
  })

  it("is false for a missing name, a missing key and a type that does not fit", () => {
    expect(holds("absent > 1")).toBe(false)
    expect(holds("data['absent'] > 1", { data: {} })).toBe(false)
    expect(holds("data > 1", { data: {} })).toBe(false)
    expect(holds("data[5]", { data: [1] })).toBe(false)
    expect(holds("1 / data == 0", { data: 0 })).toBe(false)
  })

  it("does not see what an object inherits", () => {
    expect(holds("data['constructor']", { data: {} })).toBe(false)
    expect(holds("data.get('toString')", { data: {} })).toBe(false)
    expect(holds("'hasOwnProperty' in data", { data: {} })).toBe(false)
    expect(holds("constructor")).toBe(false)
  })

  it("stops an evaluation that would cost too much", () => {
    const items = Array.from({ length: 60_000 }, () => 1)
    expect(holds("sum(items) == 60000", { items })).toBe(true)
    expect(holds("sum(items) + sum(items) > 0", { items })).toBe(false)
    expect(holds("n ** n ** n > 0", { n: 99 })).toBe(false)
    expect(holds("len(text * n) > 0", { text: "abc", n: 1e9 })).toBe(false)
  })

  it("has a function for every name that the parser lets through", () => {
    expect(Object.keys(functions).toSorted()).toEqual(Array.from(arities.keys()).toSorted())
  })
})

const hostile: ReadonlyArray<readonly [text: string, position: number, reason: RegExp]> = [
  ["__import__('os').system('true')", 0, /__import__ is not a name/],
  ["data.__class__", 5, /__class__ is not a name/],
  ["data.keys()", 5, /no attributes/],
  ["(1).real", 4, /no attributes/],
  ["eval('1')", 0, /no function/],
  ["open('/etc/passwd')", 0, /no function/],
  ["data['f']()", 9, /only functions by name/],
  ["lambda: 1", 0, /lambda is not part/],
  ["[x for x in data]", 3, /for is not part/],
  ["a if b else c", 2, /if is not part/],
  ["(x := 1)", 4, /means nothing/],
  ["x = 1", 2, /means nothing/],
  ["f'{x}'", 0, /no prefix/],
  ["1 << 99", 3, /does not fit/],
  ["9 ** 9 ** 9", 2, /power is too large/],
  ["x and 2 ** 99999", 8, /power is too large/],
  ["'a' * 10 ** 9", 4, /longer than/],
  ["len([0] * 99999) + len([0] * 99999)", 8, /steps/],
  ["(".repeat(5000), 2048, /longer than/],
  ["(".repeat(500), 100, /nested deeper/],
  ["-".repeat(500) + "1", 100, /nested deeper/],
  ["not ".repeat(500) + "x", 400, /nested deeper/],
  [Array.from({ length: 400 }, () => "1").join(" + "), 398, /nested deeper/],
  [`[${"1,".repeat(1000)}]`, 1001, /more than 500 parts/],
  ["", 0, /empty/],
  ["x >", 3, /ends too early/],
  ["x y", 2, /does not fit/],
  ["a == not b", 5, /not needs brackets/],
  ["x is 5", 5, /None, True or False/],
  ["1_", 0, /no number/],
  ["012", 0, /begins with a zero/],
  ["'abc", 0, /no end/],
  ["a\n> 1", 1, /line break/],
  ["len()", 0, /takes one operand/],
  ["1, 2", 1, /does not fit/],
  ["x.get()", 2, /get takes a key/],
  ["\u0000", 0, /means nothing/],
  ["é > 1", 0, /means nothing/],
]

describe("a text that is no condition", () => {
  it.each(hostile.map(([text, ...rest]) => [text.slice(0, 40), text, ...rest] as const))(
    "is refused with place and reason: %s",
    (_, text, position, reason) => {
      const found = refusal(text)
      expect(found?.reason).toMatch(reason)
      expect(found?.position).toBe(position)
    },
  )

  it("is refused within a millisecond", () => {
    const times = hostile.map(([text]) => {
      for (let warm = 0; warm < 20; warm++) refusal(text)
      // The quickest of nine: what else the machine does is not ours.
      const turns = Array.from({ length: 9 }, () => {
        const before = performance.now()
        refusal(text)
        return performance.now() - before
      })
      return Math.min(...turns)
    })
    const slow = hostile.flatMap(([text], index) => (times[index]! < 1 ? [] : [[text.slice(0, 40), times[index]]]))
    expect(slow).toEqual([])
  })
})
