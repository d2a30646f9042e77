// The functions of conditions. `arities` says which there are; a test holds the two tables equal.

import { binary, bounded, toFloat } from "./arithmetic.ts"
import { isLess, type Spend } from "./compare.ts"
import { EvaluationError } from "./EvaluationError.ts"
import { readFloat, readWhole } from "./literals.ts"
import { limits } from "./limits.ts"
import { round } from "./round.ts"
import { str } from "./text.ts"
import { characters, elements, isTrue, numeric, typeName, type Value } from "./Value.ts"

type BuiltIn = (given: ReadonlyArray<Value>, spend: Spend) => Value

const first = (given: ReadonlyArray<Value>): Value => given[0] ?? null

const len: BuiltIn = (given) => {
  const value = first(given)
  if (typeof value === "string") return BigInt(characters(value).length)
  if (value === null || typeof value !== "object") throw new EvaluationError("type", `${typeName(value)} has no length`)
  return BigInt(value._tag === "dict" ? Object.keys(value.entries).length : value.items.length)
}

const int: BuiltIn = (given) => {
  if (given.length === 0) return 0n
  const value = first(given)
  if (typeof value === "string") {
    if (value.length > limits.bits / 4) throw new EvaluationError("limit", "a number of too many digits")
    const number = readWhole(value)
    if (number === null) throw new EvaluationError("value", "the text is no whole number")
    return bounded(number)
  }
  const number = numeric(value)
  if (number === null) throw new EvaluationError("type", `int() of ${typeName(value)} is not defined`)
  if (typeof number === "bigint") return number
  if (!Number.isFinite(number)) throw new EvaluationError("value", "what is not finite is no whole number")
  return bounded(BigInt(Math.trunc(number)))
}

const float: BuiltIn = (given) => {
  if (given.length === 0) return 0
  const value = first(given)
  const number = typeof value === "string" ? readFloat(value) : numeric(value)
  if (number !== null) return toFloat(number)
  throw new EvaluationError(
    typeof value === "string" ? "value" : "type",
    `float() of ${typeName(value)} is not defined`,
  )
}

/** Of several operands, or of the elements of one; the first of equals. */
const extreme =
  (isBetter: (candidate: Value, best: Value, spend: Spend) => boolean): BuiltIn =>
  (given, spend) => {
    const candidates = given.length === 1 ? elements(first(given)) : given
    const [start, ...rest] = candidates
    if (start === undefined) throw new EvaluationError("value", "there is none of nothing")
    return rest.reduce((best, candidate) => (isBetter(candidate, best, spend) ? candidate : best), start)
  }

const sum: BuiltIn = (given, spend) => {
  const start = given.length > 1 ? (given[1] ?? null) : 0n
  const items = elements(first(given))
  if (typeof start === "string") throw new EvaluationError("type", "texts are not summed")
  let total: Value = start
  for (const item of items) {
    spend(1)
    total = binary("+", total, item, spend)
  }
  return total
}

const abs: BuiltIn = (given) => {
  const number = numeric(first(given))
  if (number === null) throw new EvaluationError("type", `abs() of ${typeName(first(given))} is not defined`)
  return typeof number === "bigint" ? (number < 0n ? -number : number) : Math.abs(number)
}

const some =
  (wanted: boolean, otherwise: boolean): BuiltIn =>
  (given, spend) =>
    elements(first(given)).some((item) => {
      spend(1)
      return isTrue(item) === wanted
    })
      ? !otherwise
      : otherwise

export const functions: Readonly<Record<string, BuiltIn>> = {
  len,
  int,
  float,
  sum,
  abs,
  str: (given, spend) => (given.length === 0 ? "" : str(first(given), spend)),
  bool: (given) => given.length > 0 && isTrue(first(given)),
  min: extreme(isLess),
  max: extreme((candidate, best, spend) => isLess(best, candidate, spend)),
  any: some(true, false),
  all: some(false, true),
  round: (given) => round(first(given), given[1] ?? null),
}
