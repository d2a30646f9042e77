// A condition's text as tokens. Python's spelling of names, numbers and texts, without what no condition needs.

import { ConditionRefused } from "./ConditionRefused.ts"
import { limits } from "./limits.ts"
import { characterAt } from "./literals.ts"
import type { Value } from "./Value.ts"

export type Token =
  | { readonly kind: "constant"; readonly at: number; readonly value: Value }
  | { readonly kind: "name"; readonly at: number; readonly text: string }
  /** Operators, brackets, and the words `and or not in is`. */
  | { readonly kind: "sign"; readonly at: number; readonly text: string }
  | { readonly kind: "end"; readonly at: number; readonly text: "" }

const signs = /\*\*|\/\/|==|!=|<=|>=|[-+*/%<>()[\],.:]/y
const names = /[A-Za-z_][A-Za-z0-9_]*/y
const numbers =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?/y
const spaces = /[ \t\f\r\n]+/y

const words = new Set(["and", "or", "not", "in", "is"])
const constants: ReadonlyMap<string, Value> = new Map([
  ["True", true],
  ["False", false],
  ["None", null],
])
/** Python's other keywords: words that no payload can bind. */
const keywords = new Set(
  "as assert async await break class continue def del elif else except finally for from global if import lambda nonlocal pass raise return try while with yield".split(
    " ",
  ),
)

/** Throws ConditionRefused. */
export const tokenize = (text: string): ReadonlyArray<Token> => {
  if (text.length > limits.characters) refuse(limits.characters, `longer than ${limits.characters} characters`)
  const tokens: Array<Token> = []
  let open = 0
  let at = 0
  while (at < text.length) {
    const space = (text[at] ?? "") <= " " ? matchAt(spaces, text, at) : ""
    if (space !== "") {
      const isInside = tokens.length > 0 && at + space.length < text.length
      if (open === 0 && isInside && /[\r\n]/.test(space)) refuse(at, "a line break outside brackets")
      at += space.length
      continue
    }
    const token = tokenAt(text, at)
    if (token.text === "(" || token.text === "[") open++
    if (token.text === ")" || token.text === "]") open--
    tokens.push(token.token)
    at += token.length
  }
  tokens.push({ kind: "end", at: text.length, text: "" })
  return tokens
}

interface Read {
  readonly token: Token
  readonly length: number
  readonly text: string
}

const tokenAt = (text: string, at: number): Read => {
  const first = text[at] ?? ""
  if (first === "'" || first === '"') return textToken(text, at, first)
  if ((first >= "0" && first <= "9") || first === ".") {
    const number = matchAt(numbers, text, at)
    if (number !== "") return numberToken(text, at, number)
  }
  const name = first >= "A" ? matchAt(names, text, at) : ""
  if (name !== "") return nameToken(text, at, name)
  const sign = matchAt(signs, text, at)
  if (sign !== "") return { token: { kind: "sign", at, text: sign }, length: sign.length, text: sign }
  return refuse(at, `${JSON.stringify(characterAt(text, at))} means nothing here`)
}

const nameToken = (text: string, at: number, name: string): Read => {
  const next = text[at + name.length]
  if (next === "'" || next === '"') refuse(at, "a text has no prefix here")
  if (next !== undefined && next > "\u007f") refuse(at + name.length, "names are of ASCII letters, digits and _")
  const constant = constants.get(name)
  if (constant !== undefined) return { token: { kind: "constant", at, value: constant }, length: name.length, text: "" }
  if (words.has(name)) return { token: { kind: "sign", at, text: name }, length: name.length, text: name }
  if (keywords.has(name)) refuse(at, `${name} is not part of a condition`)
  if (name.startsWith("__")) refuse(at, `${name} is not a name that a condition may use`)
  return { token: { kind: "name", at, text: name }, length: name.length, text: "" }
}

const numberToken = (text: string, at: number, spelt: string): Read => {
  const next = text[at + spelt.length] ?? ""
  if (/[A-Za-z0-9_]/.test(next)) refuse(at, `${spelt}${next} is no number`)
  const plain = spelt.replaceAll("_", "")
  const isWhole = /^(0[xXoObB]|\d+$)/.test(plain)
  if (isWhole && /^0\d*[1-9]/.test(plain)) refuse(at, `${spelt} begins with a zero`)
  if (isWhole && plain.length > limits.bits / 4) refuse(at, `a whole number has ${limits.bits} bits at most`)
  const value = isWhole ? BigInt(plain) : Number(plain)
  return { token: { kind: "constant", at, value }, length: spelt.length, text: "" }
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
}

const textToken = (text: string, at: number, quote: string): Read => {
  if (text.startsWith(quote.repeat(3), at)) refuse(at, "a text stands in one pair of quotes")
  let value = ""
  let index = at + 1
  while (text[index] !== quote) {
    const character = text[index]
    if (character === undefined || character === "\n" || character === "\r") refuse(at, "the text has no end")
    if (character !== "\\") {
      value += character
      index++
      continue
    }
    const { meant, length } = escaped(text, index)
    value += meant
    index += length
  }
  if (/^[ \t]*['"]/.test(text.slice(index + 1))) refuse(index + 1, "two texts next to each other")
  return { token: { kind: "constant", at, value }, length: index + 1 - at, text: "" }
}

const escaped = (text: string, at: number): { readonly meant: string; readonly length: number } => {
  const letter = text[at + 1] ?? ""
  const digits = { x: 2, u: 4, U: 8 }[letter]
  if (digits !== undefined) {
    const code = text.slice(at + 2, at + 2 + digits)
    const point = Number.parseInt(code, 16)
    if (!/^[0-9a-fA-F]+$/.test(code) || code.length !== digits || point > 0x10ffff) refuse(at, "no such character")
    return { meant: String.fromCodePoint(point), length: 2 + digits }
  }
  const meant = escapes[letter]
  const isOctal = letter === "0" && /[0-7]/.test(text[at + 2] ?? "")
  if (meant === undefined || isOctal) return refuse(at, `\\${letter} is no escape here`)
  return { meant, length: 2 }
}

const matchAt = (pattern: RegExp, text: string, at: number): string => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ""
}

const refuse = (position: number, reason: string): never => {
  throw new ConditionRefused({ position, reason })
}
