// The framing of the Debug Adapter Protocol: a header with the length of what follows, an empty line, one JSON object.

export type Message = Readonly<Record<string, unknown>>

/** The other side speaks something else: nothing that follows can be trusted. */
export class NotFramed extends Error {}

const maxMessageBytes = 1_048_576
const maxHeadBytes = 256

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true })

export const framed = (message: Message): Uint8Array => {
  const body = encoder.encode(JSON.stringify(message))
  const head = encoder.encode(`Content-Length: ${body.length}\r\n\r\n`)
  const whole = new Uint8Array(head.length + body.length)
  whole.set(head)
  whole.set(body, head.length)
  return whole
}

/** Puts messages together from the pieces in which they arrive. */
export class Frames {
  #rest = new Uint8Array(0)
  #body: number | null = null

  /** Throws NotFramed. */
  take(piece: Uint8Array): ReadonlyArray<Message> {
    const all = new Uint8Array(this.#rest.length + piece.length)
    all.set(this.#rest)
    all.set(piece, this.#rest.length)
    this.#rest = all
    const messages: Array<Message> = []
    for (;;) {
      this.#body ??= this.#head()
      if (this.#body === null || this.#rest.length < this.#body) return messages
      messages.push(messageOf(this.#rest.subarray(0, this.#body)))
      this.#rest = this.#rest.slice(this.#body)
      this.#body = null
    }
  }

  /** How long the body is; null while the header is not whole. */
  #head(): number | null {
    const text = String.fromCharCode(...this.#rest.subarray(0, maxHeadBytes))
    const end = text.indexOf("\r\n\r\n")
    const lines = (end < 0 ? text : text.slice(0, end)).split("\r\n")
    // A browser that was sent here by a page speaks HTTP: its first line is none of these.
    const isOurs = (line: string, whole: boolean) =>
      whole ? /^content-(length|type):/i.test(line) : "content-".startsWith(line.slice(0, 8).toLowerCase())
    if (!lines.every((line, index) => isOurs(line, end >= 0 || index < lines.length - 1))) {
      throw new NotFramed("a message begins with Content-Length")
    }
    if (end < 0) {
      if (this.#rest.length >= maxHeadBytes) throw new NotFramed(`a header has ${maxHeadBytes} bytes at most`)
      return null
    }
    const length = Number(/^content-length: *(\d{1,9})\s*$/im.exec(lines.join("\n"))?.[1] ?? Number.NaN)
    if (!(length <= maxMessageBytes)) throw new NotFramed(`a message has ${maxMessageBytes} bytes at most`)
    this.#rest = this.#rest.slice(end + 4)
    return length
  }
}

const messageOf = (body: Uint8Array): Message => {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body))
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Message
  } catch {
    // Said below.
  }
  throw new NotFramed("a message is a JSON object")
}
