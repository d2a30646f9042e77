// Growing byte writer and bounded reader: variable-length integers, strings and floats of the block format.

/** What a reader throws when bytes end early or make no sense; the block's own reader turns it into damage. */
export class MalformedBytes extends Error {}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true })
const TWO_32 = 4_294_967_296

export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  /** A view, not a copy: valid until the writer is written to again. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    const wanted = this.#length + more
    if (wanted <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2))
    grown.set(this.view())
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** Seven bits a byte, low ones first; any whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(8)
    const bytes = this.#bytes
    let at = this.#length
    let rest = value
    // Bit operations see 32 bits only, so the high part is brought down by division first.
    while (rest >= 0x8000_0000) {
      bytes[at++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#length = at
  }

  /** Sign folded into the lowest bit: small steps down cost as little as small steps up. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  uint32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#length, value)
    this.#length += 4
  }

  uint64(value: number): void {
    this.uint32(Math.floor(value / TWO_32))
    this.uint32(value % TWO_32)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Length first, so that a reader that does not know the part can step over it. */
  sized(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.raw(bytes)
  }

  text(value: string): void {
    this.sized(encoder.encode(value))
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new MalformedBytes("bytes end early")
    this.#at += 1
    return value
  }

  varint(): number {
    const bytes = this.#bytes
    let at = this.#at
    let byte = bytes[at++]
    if (byte === undefined) throw new MalformedBytes("bytes end early")
    if (byte < 0x80) {
      this.#at = at
      return byte
    }
    let value = byte & 0x7f
    let scale = 128
    do {
      byte = bytes[at++]
      if (byte === undefined || scale > 72_057_594_037_927_936) throw new MalformedBytes("a number does not end")
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    this.#at = at
    return value
  }

  zigzag(): number {
    const folded = this.varint()
    const half = Math.floor(folded / 2)
    return folded % 2 === 0 ? half : -half - 1
  }

  float64(): number {
    return this.#take(8, (view) => view.getFloat64(0))
  }

  uint32(): number {
    return this.#take(4, (view) => view.getUint32(0))
  }

  uint64(): number {
    return this.uint32() * TWO_32 + this.uint32()
  }

  #take(length: number, read: (view: DataView) => number): number {
    const bytes = this.raw(length)
    return read(new DataView(bytes.buffer, bytes.byteOffset, length))
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw new MalformedBytes("bytes end early")
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  sized(): Uint8Array {
    return this.raw(this.varint())
  }

  text(): string {
    return decoder.decode(this.sized())
  }
}
