// JSON under the door's rules: bounded depth, no doubled or dangerous keys, no broken text, no number that a double cannot hold.

import { isUtf8 } from "node:buffer"
import { Either } from "effect"
import { explain, isDangerous, maxDepth } from "./JsonFault.ts"

/** The refusal says what was wrong, where, and what would be right. */
export const parse = (bytes: Uint8Array): Either.Either<unknown, string> => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  if (!isUtf8(bytes)) return Either.left(`not valid UTF-8 at byte ${firstBadByte(bytes, text)}; JSON is UTF-8 text`)
  return parseText(text)
}

/** The same for text that was decoded from valid UTF-8. A quick look decides; only what it doubts is read slowly and explained. */
export const parseText = (text: string): Either.Either<unknown, string> => {
  const keys = countKeys(text)
  if (keys === tooDeep) return doubted(text, undefined)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return doubted(text, undefined)
  }
  // Doubled keys vanish in the parse, so fewer come out than went in. Surrogates can only come in through an escape.
  const sound = keysWithin(value) === keys && !text.includes("\\ud") && !text.includes("\\uD")
  return sound ? Either.right(value) : doubted(text, value)
}

const doubted = (text: string, value: unknown): Either.Either<unknown, string> => {
  const fault = explain(text)
  if (fault !== null) return Either.left(fault)
  return value === undefined ? Either.left("not JSON") : Either.right(value)
}

const tooDeep = -1

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** Colons outside strings, which is how many keys there are in sound JSON; stops early at too deep a nesting. */
const countKeys = (text: string): number => {
  let keys = 0
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === backslash) index++
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === colon) keys++
    else if (code === 0x7b || code === 0x5b) {
      depth++
      if (depth > maxDepth) return tooDeep
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return keys
}

/** How many keys a parsed value holds; NaN as soon as something in it is not sound. */
const keysWithin = (value: unknown): number => {
  if (typeof value === "number") return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== "object" || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) keys += keysWithin(item)
    return keys
  }
  for (const key of Object.keys(value)) {
    if (isDangerous(key)) return Number.NaN
    keys += 1 + keysWithin((value as Record<string, unknown>)[key])
  }
  return keys
}

/** The decoder puts U+FFFD where it stumbled; the first one that the bytes do not spell out is the place. */
const firstBadByte = (bytes: Uint8Array, text: string): number => {
  let offset = 0
  let from = 0
  for (let at = text.indexOf("\uFFFD"); at !== -1; at = text.indexOf("\uFFFD", from)) {
    offset += Buffer.byteLength(text.slice(from, at))
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset
    offset += 3
    from = at + 1
  }
  return offset
}
