// Regular expressions as Python writes them, parsed into a tree: the part that can be matched in linear time. The rest is refused by name.

import { Either } from "effect"

export type Test = (code: number) => boolean

export type Piece =
  | { readonly kind: "one"; readonly test: Test }
  | { readonly kind: "start" | "end" | "edge" | "noEdge" }
  | { readonly kind: "all" | "any"; readonly of: ReadonlyArray<Piece> }
  | { readonly kind: "repeat"; readonly of: Piece; readonly least: number; readonly most: number | null }

/** `reason` says what was found and where. */
export class PatternRefused {
  readonly _tag = "PatternRefused"
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const depthMost = 50
const repeatMost = 1000

export const parse = (pattern: string): Either.Either<Piece, PatternRefused> => {
  const flagged = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const flags = flagged?.[1] ?? ""
  if (/[^i]/.test(flags)) return Either.left(new PatternRefused(`the flags (?${flags}) are not taken, only (?i)`))
  const parser = new Parser(pattern.slice(flagged?.[0].length ?? 0), flags.includes("i"))
  try {
    return Either.right(parser.whole())
  } catch (error) {
    if (error instanceof PatternRefused) return Either.left(error)
    throw error
  }
}

const isDigit: Test = (code) => code >= 48 && code <= 57
export const isWord: Test = (code) => /[\p{L}\p{N}_]/u.test(String.fromCodePoint(code))
const isSpace: Test = (code) => /\s/.test(String.fromCodePoint(code))
const not =
  (test: Test): Test =>
  (code) =>
    !test(code)

const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
}
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 }

class Parser {
  readonly #text: ReadonlyArray<string>
  readonly #ignoresCase: boolean
  #at = 0
  #depth = 0

  constructor(text: string, ignoresCase: boolean) {
    this.#text = Array.from(text)
    this.#ignoresCase = ignoresCase
  }

  whole(): Piece {
    const node = this.#alternatives()
    if (this.#at < this.#text.length) this.#refuse("a ) without its (")
    return node
  }

  #alternatives(): Piece {
    if (++this.#depth > depthMost) this.#refuse(`more than ${depthMost} groups in each other`)
    const of = [this.#sequence()]
    while (this.#take("|")) of.push(this.#sequence())
    this.#depth--
    return of.length === 1 ? (of[0] as Piece) : { kind: "any", of }
  }

  #sequence(): Piece {
    const of: Array<Piece> = []
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      of.push(this.#repeated(this.#atom()))
    }
    return { kind: "all", of }
  }

  #repeated(atom: Piece): Piece {
    const bounds = this.#bounds()
    if (bounds === null) return atom
    // A lazy one finds the same lines; only a capture could tell.
    this.#take("?")
    if (this.#peek() === "+" || this.#peek() === "*") this.#refuse("a repetition of a repetition")
    return { kind: "repeat", of: atom, ...bounds }
  }

  #bounds(): { readonly least: number; readonly most: number | null } | null {
    if (this.#take("*")) return { least: 0, most: null }
    if (this.#take("+")) return { least: 1, most: null }
    if (this.#take("?")) return { least: 0, most: 1 }
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 12).join(""))
    if (found === null || (found[1] === "" && found[3] === "")) return null
    this.#at += found[0].length
    const least = Number(found[1])
    const most = found[2] === "" ? least : found[3] === "" ? null : Number(found[3])
    if (least > repeatMost || (most ?? 0) > repeatMost) this.#refuse(`more than ${repeatMost} repetitions`)
    if (most !== null && most < least) this.#refuse("a repetition whose end is before its beginning")
    return { least, most }
  }

  #atom(): Piece {
    const letter = this.#next()
    switch (letter) {
      case "(":
        return this.#group()
      case "[":
        return { kind: "one", test: this.#class() }
      case ".":
        return { kind: "one", test: (code) => code !== 10 }
      case "^":
        return { kind: "start" }
      case "$":
        return { kind: "end" }
      case "*":
      case "+":
      case "?":
        return this.#refuse(`a ${letter} with nothing to repeat`)
      case "\\":
        return this.#escape()
      default:
        return this.#literal(letter.codePointAt(0) ?? 0)
    }
  }

  #group(): Piece {
    if (this.#take("?")) {
      const rest = this.#text.slice(this.#at, this.#at + 60).join("")
      const opening = /^(?::|P<\w+>)/.exec(rest)
      if (opening === null)
        this.#refuse(`(?${rest.slice(0, 2)}: only (…), (?:…) and (?P<name>…) are taken, nothing that looks around`)
      this.#at += opening?.[0].length ?? 0
    }
    const node = this.#alternatives()
    if (!this.#take(")")) this.#refuse("a ( without its )")
    return node
  }

  #escape(): Piece {
    const letter = this.#next()
    if (letter === "b") return { kind: "edge" }
    if (letter === "B") return { kind: "noEdge" }
    if (letter === "A") return { kind: "start" }
    if (letter === "Z") return { kind: "end" }
    if (/[1-9]/.test(letter)) this.#refuse("a reference back to a group, which cannot be matched in bounded time")
    const test = Object.hasOwn(classes, letter) ? classes[letter] : undefined
    return test === undefined ? this.#literal(this.#escaped(letter)) : { kind: "one", test }
  }

  #escaped(letter: string): number {
    if (Object.hasOwn(controls, letter)) return controls[letter] ?? 0
    const digits = { x: 2, u: 4, U: 8 }[letter]
    if (digits !== undefined) {
      const hex = this.#text.slice(this.#at, this.#at + digits).join("")
      const code = Number.parseInt(hex, 16)
      if (hex.length !== digits || !/^[\da-fA-F]+$/.test(hex) || code > 0x10ffff)
        this.#refuse(`\\${letter} without its digits`)
      this.#at += digits
      return code
    }
    if (/[A-Za-z0]/.test(letter)) this.#refuse(`the escape \\${letter}`)
    return letter.codePointAt(0) ?? 0
  }

  #class(): Test {
    const inverted = this.#take("^")
    const tests: Array<Test> = []
    for (let first = true; first || this.#peek() !== "]"; first = false) tests.push(this.#classPart())
    this.#at++
    const found: Test = (code) => tests.some((test) => test(code))
    return inverted ? not(found) : found
  }

  #classPart(): Test {
    const low = this.#classCode()
    if (typeof low === "function") return low
    if (this.#peek() !== "-" || this.#text[this.#at + 1] === "]" || this.#text[this.#at + 1] === undefined) {
      return this.#same(low, low)
    }
    this.#at++
    const high = this.#classCode()
    if (typeof high === "function" || high < low) return this.#refuse("a range whose end is before its beginning")
    return this.#same(low, high)
  }

  #classCode(): number | Test {
    const letter = this.#next()
    if (letter !== "\\") return letter.codePointAt(0) ?? 0
    const escaped = this.#next()
    const test = Object.hasOwn(classes, escaped) ? classes[escaped] : undefined
    return test ?? (escaped === "b" ? 8 : this.#escaped(escaped))
  }

  #literal(code: number): Piece {
    return { kind: "one", test: this.#same(code, code) }
  }

  #same(low: number, high: number): Test {
    const within: Test = (code) => code >= low && code <= high
    if (!this.#ignoresCase) return within
    return (code) => {
      const letter = String.fromCodePoint(code)
      return [letter, letter.toLowerCase(), letter.toUpperCase()].some((one) => within(one.codePointAt(0) ?? 0))
    }
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #next(): string {
    return this.#text[this.#at++] ?? this.#refuse("an end where something has to follow")
  }

  #take(letter: string): boolean {
    if (this.#peek() !== letter) return false
    this.#at++
    return true
  }

  #refuse(what: string): never {
    throw new PatternRefused(`${what}, at character ${Math.min(this.#at, this.#text.length)}`)
  }
}
