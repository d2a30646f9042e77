// Equality, order and membership as Python has them: 1 == 1.0 == True, texts by code point, lists element by element.

import { EvaluationError } from "./EvaluationError.ts"
import type { Comparison } from "./Term.ts"
import { characters, type Dict, entry, itemAt, numeric, type Sequence, typeName, type Value } from "./Value.ts"

/** Counts elements looked at, so that a comparison of large payloads stays within the evaluation's steps. */
export type Spend = (steps: number) => void

export const compare = (operator: Comparison, left: Value, right: Value, spend: Spend): boolean => {
  switch (operator) {
    case "==":
      return equal(left, right, spend)
    case "!=":
      return !equal(left, right, spend)
    case "in":
      return contains(right, left, spend)
    case "not in":
      return !contains(right, left, spend)
    case "is":
      return left === right
    case "is not":
      return left !== right
    case "<":
      return ordered(left, right, spend, (order) => order < 0)
    case "<=":
      return ordered(left, right, spend, (order) => order <= 0)
    case ">":
      return ordered(left, right, spend, (order) => order > 0)
    case ">=":
      return ordered(left, right, spend, (order) => order >= 0)
  }
}

const equal = (left: Value, right: Value, spend: Spend): boolean => {
  spend(1)
  const [a, b] = [numeric(left), numeric(right)]
  if (a !== null && b !== null) return orderOfNumbers(a, b) === 0
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return left === right
  if (left._tag === "dict" || right._tag === "dict") {
    return left._tag === "dict" && right._tag === "dict" && equalDicts(left, right, spend)
  }
  if (left._tag !== right._tag || left.items.length !== right.items.length) return false
  return left.items.every((_, index) => equal(itemAt(left, index), itemAt(right, index), spend))
}

const equalDicts = (left: Dict, right: Dict, spend: Spend): boolean => {
  const keys = Object.keys(left.entries)
  if (keys.length !== Object.keys(right.entries).length) return false
  return keys.every((key) => {
    const [a, b] = [entry(left, key), entry(right, key)]
    return a !== undefined && b !== undefined && equal(a, b, spend)
  })
}

/** Whether one comes before the other; NaN is neither, which holds for no comparison. */
export const isLess = (left: Value, right: Value, spend: Spend): boolean =>
  ordered(left, right, spend, (order) => order < 0)

const ordered = (left: Value, right: Value, spend: Spend, holds: (order: number) => boolean): boolean => {
  spend(1)
  const [a, b] = [numeric(left), numeric(right)]
  if (a !== null && b !== null) return holds(orderOfNumbers(a, b))
  if (typeof left === "string" && typeof right === "string") return holds(orderOfTexts(left, right))
  if (isSequence(left) && isSequence(right) && left._tag === right._tag) {
    const length = Math.min(left.items.length, right.items.length)
    for (let index = 0; index < length; index++) {
      const [x, y] = [itemAt(left, index), itemAt(right, index)]
      if (!equal(x, y, spend)) return ordered(x, y, spend, holds)
    }
    return holds(left.items.length - right.items.length)
  }
  throw new EvaluationError("type", `${typeName(left)} and ${typeName(right)} have no order`)
}

/** Exact between whole numbers and floats; NaN when one of them is. */
const orderOfNumbers = (a: bigint | number, b: bigint | number): number => {
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0
}

const orderOfTexts = (left: string, right: string): number => {
  const isPlain = !/[\uD800-\uDFFF]/.test(left) && !/[\uD800-\uDFFF]/.test(right)
  if (isPlain) return left < right ? -1 : left > right ? 1 : 0
  const [a, b] = [characters(left), characters(right)]
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const contains = (holder: Value, wanted: Value, spend: Spend): boolean => {
  if (typeof holder === "string") {
    if (typeof wanted !== "string") throw new EvaluationError("type", `${typeName(wanted)} is never in a str`)
    return holder.includes(wanted)
  }
  if (holder === null || typeof holder !== "object") {
    throw new EvaluationError("type", `nothing is in ${typeName(holder)}`)
  }
  if (holder._tag === "dict") {
    const key = hashable(wanted)
    return typeof key === "string" && Object.hasOwn(holder.entries, key)
  }
  return holder.items.some((_, index) => equal(itemAt(holder, index), wanted, spend))
}

/** What may be a key. Lists and dicts may not, nor a tuple that holds one. */
export const hashable = (key: Value): Value => {
  if (key === null || typeof key !== "object") return key
  if (key._tag !== "tuple") throw new EvaluationError("type", `${key._tag} cannot be a key`)
  for (let index = 0; index < key.items.length; index++) hashable(itemAt(key, index))
  return key
}

const isSequence = (value: Value): value is Sequence =>
  value !== null && typeof value === "object" && value._tag !== "dict"
