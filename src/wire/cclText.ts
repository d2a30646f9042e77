// Reads the JSON text of one plain record of a collective or transfer, as nearly all are: flat, known fields, no escapes. Whatever is not
// just that gives null, and is read and judged the long way; a test holds the two ways equal.

import type { Fields } from "./ccl.ts"

type Kind = "name" | "text" | "id" | "whole" | "rank" | "small" | "flag"

/** In the order in which reporters write them: the next field is looked for there first. */
const order: ReadonlyArray<readonly [name: string, kind: Kind]> = [
  ["opType", "name"],
  ["algorithm", "text"],
  ["dataType", "text"],
  ["count", "whole"],
  ["rootRank", "rank"],
  ["remoteRank", "rank"],
  ["context_rank", "small"],
  ["context_size", "small"],
  ["bytes", "whole"],
  ["startTime", "whole"],
  ["endTime", "whole"],
  ["filename", "text"],
  ["finished", "flag"],
  ["run_id", "id"],
  ["comm_id", "id"],
  ["seq", "whole"],
  ["host", "text"],
  ["pid", "small"],
]
const heads = order.map(([name]) => `"${name}"`)
const kinds = order.map(([, kind]) => kind)
const names = order.map(([name]) => name)

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const colon = 0x3a
const backslash = 0x5c
const opening = 0x7b
const closing = 0x7d
const space = 0x20

/** What every reader of numbers holds exactly, and no longer. */
const maxDigits = 15
const maxSmall = 2_147_483_647
const maxTextLength = 256

/** Where the value ends that was read last. */
let at = 0

/** The fields, sound as they are, of a line of ASCII text that lies from `from` up to `to`. */
export const fieldsOf = (text: string, from: number, to: number): Fields | null => {
  const fields = readFields(text, from, to)
  if (fields === null || fields["opType"] === undefined) return null
  const { context_rank: rank, context_size: size } = fields
  return typeof rank === "number" && typeof size === "number" && rank >= size ? null : fields
}

const readFields = (text: string, from: number, to: number): Fields | null => {
  const fields: Record<string, string | number | boolean> = {}
  at = spaces(text, from)
  if (text.charCodeAt(at) !== opening) return null
  at = spaces(text, at + 1)
  let expected = 0
  for (;;) {
    const index = fieldAt(text, expected)
    const name = names[index]
    const kind = kinds[index]
    if (name === undefined || kind === undefined || fields[name] !== undefined) return null
    expected = index + 1
    at = spaces(text, at + name.length + 2)
    if (text.charCodeAt(at) !== colon) return null
    at = spaces(text, at + 1)
    const value = valueAt(text, kind)
    if (value === null) return null
    fields[name] = value
    at = spaces(text, at)
    const next = text.charCodeAt(at)
    at = spaces(text, at + 1)
    if (next === closing) return at === to ? fields : null
    if (next !== comma || at >= to) return null
  }
}

const spaces = (text: string, from: number): number => {
  let end = from
  while (text.charCodeAt(end) === space) end++
  return end
}

/** Which field begins here; −1 for none that is known. */
const fieldAt = (text: string, expected: number): number => {
  for (let index = expected; index < heads.length; index++) if (text.startsWith(heads[index] ?? "", at)) return index
  for (let index = 0; index < expected; index++) if (text.startsWith(heads[index] ?? "", at)) return index
  return -1
}

const valueAt = (text: string, kind: Kind): string | number | boolean | null => {
  switch (kind) {
    case "name":
    case "text":
      return textAt(text, kind === "name" ? 1 : 0)
    case "id":
      return text.charCodeAt(at) === quote ? textAt(text, 0) : numberAt(text, 0)
    case "whole":
      return numberAt(text, 0)
    case "small": {
      const value = numberAt(text, 0)
      return value === null || value > maxSmall ? null : value
    }
    case "rank": {
      const value = numberAt(text, -1)
      return value === null || value > maxSmall ? null : value
    }
    case "flag":
      return flagAt(text)
  }
}

/** Whole numbers as they are written most plainly. */
const numberAt = (text: string, least: number): number | null => {
  if (text.charCodeAt(at) === minus) {
    if (least !== -1 || text.charCodeAt(at + 1) !== 0x31 || isDigit(text.charCodeAt(at + 2))) return null
    at += 2
    return isEnd(text) ? -1 : null
  }
  const begin = at
  let value = 0
  for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(++at)) value = value * 10 + (code - 0x30)
  const digits = at - begin
  const isPadded = digits > 1 && text.charCodeAt(begin) === 0x30
  return digits === 0 || digits > maxDigits + 1 || value > Number.MAX_SAFE_INTEGER || isPadded || !isEnd(text)
    ? null
    : value
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** No fraction and no exponent follows. */
const isEnd = (text: string): boolean => {
  const code = text.charCodeAt(at)
  return code === comma || code === closing || code === space
}

const flagAt = (text: string): boolean | null => {
  const value = text.startsWith("true", at) ? true : text.startsWith("false", at) ? false : null
  if (value === null) return null
  at += value ? 4 : 5
  return isEnd(text) ? value : null
}

const textAt = (text: string, least: number): string | null => {
  if (text.charCodeAt(at) !== quote) return null
  const begin = at + 1
  let end = begin
  for (let code = text.charCodeAt(end); code !== quote; code = text.charCodeAt(++end)) {
    // Controls are no JSON, and NaN is the end of the text.
    if (!(code >= space) || code === backslash) return null
  }
  at = end + 1
  const length = end - begin
  if (length < least || length > maxTextLength) return null
  return length === 0 ? "" : shared(text, begin, end)
}

/** A piece of a text keeps all of it in memory, and a job says the same few names for ever. */
const sharedNames = new Map<string, string>()
const maxShared = 1024

const shared = (text: string, begin: number, end: number): string => {
  const piece = text.slice(begin, end)
  const known = sharedNames.get(piece)
  if (known !== undefined) return known
  if (sharedNames.size >= maxShared) sharedNames.clear()
  const own = Buffer.from(piece, "latin1").toString("latin1")
  sharedNames.set(own, own)
  return own
}
