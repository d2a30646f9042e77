// A value of a condition, with Python's types. Whole numbers are bigint, so that 7 // 2 and 7 / 2 stay apart; JSON has one number
// type, so a number of a payload is whole when it has no fraction.

import { EvaluationError } from "./EvaluationError.ts"

export interface Sequence {
  readonly _tag: "list" | "tuple"
  readonly items: ReadonlyArray<unknown>
  /** Items as they came with the payload, turned into values one by one as they are looked at. */
  readonly isJson: boolean
}

/** Comes with the payload only; its keys are texts. */
export interface Dict {
  readonly _tag: "dict"
  readonly entries: Readonly<Record<string, unknown>>
}

export type Value = null | boolean | bigint | number | string | Sequence | Dict

export const fromJson = (json: unknown): Value => {
  switch (typeof json) {
    case "number":
      return Number.isSafeInteger(json) ? BigInt(json) : json
    case "string":
    case "boolean":
    case "bigint":
      return json
    case "object":
      if (json === null) return null
      return Array.isArray(json)
        ? { _tag: "list", items: json, isJson: true }
        : { _tag: "dict", entries: json as Record<string, unknown> }
    default:
      return null
  }
}

export const itemAt = (sequence: Sequence, index: number): Value => {
  const item = sequence.items[index]
  return sequence.isJson ? fromJson(item) : (item as Value)
}

/** Own keys only: what an object inherits is nobody's data. */
export const entry = (dict: Dict, key: string): Value | undefined =>
  Object.hasOwn(dict.entries, key) ? fromJson(dict.entries[key]) : undefined

/** As Python calls it. */
export const typeName = (value: Value): string => {
  if (value === null) return "NoneType"
  switch (typeof value) {
    case "boolean":
      return "bool"
    case "bigint":
      return "int"
    case "number":
      return "float"
    case "string":
      return "str"
    default:
      return value._tag
  }
}

export const isTrue = (value: Value): boolean => {
  if (value === null) return false
  switch (typeof value) {
    case "boolean":
      return value
    case "bigint":
      return value !== 0n
    case "number":
      return value !== 0
    case "string":
      return value !== ""
    default:
      return value._tag === "dict" ? Object.keys(value.entries).length > 0 : value.items.length > 0
  }
}

/** A number as arithmetic sees it: True is 1. Null for what is no number. */
export const numeric = (value: Value): bigint | number | null => {
  if (typeof value === "boolean") return value ? 1n : 0n
  return typeof value === "bigint" || typeof value === "number" ? value : null
}

/** A whole number; null for everything else, floats with no fraction included. */
export const whole = (value: Value): bigint | null => {
  const number = numeric(value)
  return typeof number === "bigint" ? number : null
}

/** The characters of a text as Python counts them: a surrogate pair is one. */
export const characters = (text: string): ReadonlyArray<string> =>
  /[\uD800-\uDFFF]/.test(text) ? Array.from(text) : text.split("")

/** What a loop over the value would give. */
export const elements = (value: Value): ReadonlyArray<Value> => {
  if (typeof value === "string") return characters(value)
  if (value !== null && typeof value === "object") {
    return value._tag === "dict" ? Object.keys(value.entries) : value.items.map((_, index) => itemAt(value, index))
  }
  throw new EvaluationError("type", `${typeName(value)} has no elements`)
}
