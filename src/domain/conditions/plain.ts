// A value of the language as JSON again.

import { itemAt, type Value } from "./Value.ts"

export const plain = (value: Value): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (value === null || typeof value !== "object") return value
  return value._tag === "dict" ? value.entries : value.items.map((_, index) => plain(itemAt(value, index)))
}
