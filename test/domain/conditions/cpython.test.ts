// The condition language against CPython itself: the same 10,000 expressions, equal values or both refuse.

import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import * as Condition from "../../../src/domain/conditions/Condition.ts"
import { repr } from "../../../src/domain/conditions/text.ts"
import { typeName } from "../../../src/domain/conditions/Value.ts"
import { generator, names } from "./generate.ts"

const script = fileURLToPath(new URL("cpython.py", import.meta.url))
const isThere = spawnSync("python3", ["--version"]).status === 0
const count = 10_000
const seed = 20_250_307

const refused = "refused"

const ours = (text: string): readonly [string, string] => {
  const compiled = Condition.compile(text)
  if (Either.isLeft(compiled)) return [refused, compiled.left.message]
  const value = Condition.valueOf(compiled.right, (name) => (names as Record<string, unknown>)[name])
  if (Either.isLeft(value)) return [refused, value.left.message]
  return [typeName(value.right), repr(value.right, () => undefined)]
}

const theirs = (texts: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> => {
  const input = texts.map((text) => JSON.stringify({ text, names })).join("\n")
  const { stdout, status, stderr } = spawnSync("python3", ["-W", "ignore", script], {
    input,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`)
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as [string, string])
}

describe.skipIf(!isThere)(`conditions and CPython${isThere ? "" : " (wants python3)"}`, () => {
  it(`agree on ${count} generated expressions`, () => {
    const next = generator(seed)
    const texts = Array.from({ length: count }, next)
    const expected = theirs(texts)
    const differing = texts.flatMap((text, index) => {
      const [type, shown] = ours(text)
      const [theirType, theirShown] = expected[index]!
      const same = type === theirType && (type === refused || shown === theirShown)
      return same ? [] : [`${text}  →  ${type} ${shown}  but CPython: ${theirType} ${theirShown}`]
    })
    expect(differing).toEqual([])
    // A generator that only made refused expressions would prove nothing.
    const meaningful = expected.filter(([type]) => type !== refused).length
    expect(meaningful).toBeGreaterThan(count / 2)
  }, 60_000)
})
