// A value as Python's str() and repr() write it.

import { EvaluationError } from "./EvaluationError.ts"
import type { Spend } from "./compare.ts"
import { limits } from "./limits.ts"
import { floatText, quoted } from "./literals.ts"
import { fromJson, itemAt, type Value } from "./Value.ts"

export const str = (value: Value, spend: Spend): string => (typeof value === "string" ? value : repr(value, spend))

export const repr = (value: Value, spend: Spend): string => {
  spend(1)
  if (value === null) return "None"
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False"
    case "bigint":
      return value.toString()
    case "number":
      return floatText(value)
    case "string":
      return quoted(value)
    default:
      return fitting(value._tag === "dict" ? reprOfDict(value.entries, spend) : reprOfSequence(value, spend))
  }
}

const reprOfDict = (entries: Readonly<Record<string, unknown>>, spend: Spend): string =>
  `{${Object.entries(entries)
    .map(([key, item]) => `${quoted(key)}: ${repr(fromJson(item), spend)}`)
    .join(", ")}}`

const reprOfSequence = (value: Extract<Value, { readonly _tag: "list" | "tuple" }>, spend: Spend): string => {
  const inner = value.items.map((_, index) => repr(itemAt(value, index), spend)).join(", ")
  if (value._tag === "list") return `[${inner}]`
  return value.items.length === 1 ? `(${inner},)` : `(${inner})`
}

const fitting = (text: string): string => {
  if (text.length > limits.length) throw new EvaluationError("limit", `a text longer than ${limits.length}`)
  return text
}
