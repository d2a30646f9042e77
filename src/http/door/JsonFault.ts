// Reads JSON slowly to say what is wrong with it and where: only for text that the quick look turned down.

export const maxDepth = 64

/** Names that reach into the prototype of whatever they are copied to. */
export const isDangerous = (key: string): boolean => key === "__proto__" || key === "constructor" || key === "prototype"

/** One clause that names the fault and its place, or null when there is none. */
export const explain = (text: string): string | null => {
  const reader = new Reader(text)
  try {
    reader.document()
    return null
  } catch (error) {
    if (error instanceof Fault) return `${error.what} (${placeOf(text, error.index)})`
    throw error
  }
}

class Fault {
  readonly what: string
  readonly index: number
  constructor(what: string, index: number) {
    this.what = what
    this.index = index
  }
}

/** What is shown of the sender's own text is kept short. */
const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

const placeOf = (text: string, index: number): string => {
  const before = text.slice(0, index)
  const line = before.split("\n").length
  return `line ${line}, column ${index - before.lastIndexOf("\n")}`
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const wordPattern = /[A-Za-z_$+\-.0-9]+/y
// oxlint-disable-next-line no-control-regex
const stringPattern = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const loneSurrogate = /\p{Surrogate}/u

/** Recursion is bounded by the depth that the door allows. */
class Reader {
  private index = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  document(): void {
    if (this.text.startsWith("\uFEFF")) this.fail("a byte order mark stands before the JSON; leave it out")
    this.space()
    if (this.index === this.text.length) this.fail("there is no JSON in it")
    this.value("the value", 0)
    this.space()
    if (this.index < this.text.length) this.fail("there is more text after the end of the JSON value")
  }

  private value(name: string, depth: number): void {
    const start = this.text[this.index]
    if (start === "{") return this.object(name, depth + 1)
    if (start === "[") return this.array(name, depth + 1)
    if (start === '"') {
      this.string(name)
      return
    }
    const word = this.match(wordPattern) ?? ""
    if (word === "true" || word === "false" || word === "null") {
      this.index += word.length
      return
    }
    this.number(name, word)
  }

  private number(name: string, word: string): void {
    const number = this.match(numberPattern)
    if (number === null || number.length !== word.length) {
      const found = word === "" ? this.rest() : shown(word)
      this.fail(`${found} is not JSON; a number, string, true, false, null, { or [ belongs here`)
    }
    if (!Number.isFinite(Number(number))) {
      this.fail(`${name} is too large a number; at most about 1.8e308 can be held`)
    }
    this.index += word.length
  }

  private string(name: string): string {
    const raw = this.match(stringPattern)
    if (raw === null) this.fail(`${name} is not a closed string with valid escapes and without raw control characters`)
    const text = JSON.parse(raw) as string
    if (loneSurrogate.test(text)) {
      this.fail(`${name} holds half a surrogate pair, which is no character; send both halves or U+FFFD`)
    }
    this.index += raw.length
    return text
  }

  private object(name: string, depth: number): void {
    this.open(depth)
    const keys = new Set<string>()
    while (!this.closed("}", keys.size > 0)) {
      if (this.text[this.index] !== '"') this.fail(`a key in double quotes or } belongs here, not ${this.rest()}`)
      const start = this.index
      const key = this.string("a key")
      if (keys.has(key)) this.fail(`the key ${shown(key)} stands twice in ${name}; send it once`, start)
      if (isDangerous(key)) this.fail(`the key ${shown(key)} is not accepted; leave it out`, start)
      keys.add(key)
      this.space()
      if (this.text[this.index] !== ":") this.fail(`a colon belongs after the key ${shown(key)}`)
      this.index++
      this.space()
      this.value(`the value of ${shown(key)}`, depth)
    }
  }

  private array(name: string, depth: number): void {
    this.open(depth)
    let items = 0
    while (!this.closed("]", items > 0)) {
      this.value(name.startsWith("an item") ? name : `an item of ${name}`, depth)
      items++
    }
  }

  private open(depth: number): void {
    if (depth > maxDepth) this.fail(`it is nested more than ${maxDepth} deep; ${maxDepth} is the limit`)
    this.index++
  }

  /** Steps over what stands between items; true once the bracket is behind. */
  private closed(bracket: "}" | "]", notFirst: boolean): boolean {
    this.space()
    if (this.text[this.index] === bracket) {
      this.index++
      return true
    }
    if (this.index >= this.text.length) this.fail(`it ends before its closing ${bracket}`)
    if (notFirst) {
      if (this.text[this.index] !== ",") this.fail(`a comma or ${bracket} belongs here, not ${this.rest()}`)
      this.index++
      this.space()
      if (this.text[this.index] === bracket) this.fail(`a comma stands before ${bracket}; take it out`)
    }
    return false
  }

  private space(): void {
    while (" \t\n\r".includes(this.text[this.index] ?? "x")) this.index++
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.index
    return pattern.exec(this.text)?.[0] ?? null
  }

  private rest(): string {
    return this.index >= this.text.length ? "the end" : shown(this.text.slice(this.index, this.index + 12))
  }

  private fail(what: string, index = this.index): never {
    throw new Fault(what, index)
  }
}
