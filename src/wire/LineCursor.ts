// Reads the parts of one JSON line whose form is known beforehand. What is otherwise makes it fail, and somebody else reads the line.

const maxKept = 8192
const maxLength = 256

const quote = 34
const minus = 45
const zero = 48
const nine = 57

export class LineCursor {
  source = ""
  at = 0
  end = 0
  failed = false
  /** The texts of a session are few and come again and again. Copies, so that none holds on to the piece of file that it stood in. */
  private readonly kept = new Map<string, string>()

  /** From here on it reads the line between two places of a text. */
  begin(text: string, start: number, end: number): void {
    this.source = text
    this.at = start
    this.end = end
    this.failed = false
  }

  isOver(): boolean {
    return this.at === this.end
  }

  has(literal: string): boolean {
    return this.source.startsWith(literal, this.at)
  }

  skip(literal: string): void {
    if (!this.source.startsWith(literal, this.at)) this.failed = true
    this.at += literal.length
  }

  /** A whole number that no double rounds. */
  whole(): number {
    const negative = this.source.charCodeAt(this.at) === minus
    let at = negative ? this.at + 1 : this.at
    const from = at
    let value = 0
    for (; at < this.end; at++) {
      const digit = this.source.charCodeAt(at)
      if (digit < zero || digit > nine) break
      value = value * 10 + (digit - zero)
    }
    const digits = at - from
    const leadingZero = digits > 1 && this.source.charCodeAt(from) === zero
    const next = this.source.charCodeAt(at)
    // A fraction or an exponent follows, or there is no number at all.
    if (digits === 0 || value > Number.MAX_SAFE_INTEGER || leadingZero || next === 46 || next === 101 || next === 69)
      this.failed = true
    this.at = at
    return negative ? -value : value
  }

  wholeOrNull(): number | null {
    return this.isNull() ? null : this.whole()
  }

  /** Exactly so many digits. */
  digits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) {
      const digit = this.source.charCodeAt(this.at + index)
      if (digit < zero || digit > nine) this.failed = true
      value = value * 10 + (digit - zero)
    }
    this.at += count
    return value
  }

  /** Everything up to the next of this character, which is passed as well. */
  upTo(character: string): string {
    const found = this.source.indexOf(character, this.at)
    if (found < 0 || found >= this.end) this.failed = true
    const part = this.source.slice(this.at, found + 1)
    this.at = found + 1
    return part
  }

  /** A text without anything escaped. */
  text(): string {
    const { at } = this
    const close = this.source.charCodeAt(at) === quote ? this.source.indexOf('"', at + 1) : -1
    if (close < 0 || close >= this.end) {
      this.failed = true
      return ""
    }
    this.at = close + 1
    const part = this.source.slice(at + 1, close)
    return this.kept.get(part) ?? this.keep(part)
  }

  textOrNull(): string | null {
    return this.isNull() ? null : this.text()
  }

  private isNull(): boolean {
    if (!this.source.startsWith("null", this.at)) return false
    this.at += 4
    return true
  }

  private keep(part: string): string {
    if (part.length > maxLength || !plain.test(part)) {
      this.failed = true
      return ""
    }
    const copy = JSON.parse(`"${part}"`) as string
    if (this.kept.size >= maxKept) this.kept.clear()
    this.kept.set(copy, copy)
    return copy
  }
}

/** Neither an escape nor a character that JSON would have escaped. */
// oxlint-disable-next-line no-control-regex
const plain = /^[^\\\u0000-\u001f]*$/
