// Bytes cut into lines as they stream by, none longer than a bound.

export const maxLineBytes = 2 * 1024 * 1024

export interface LineSink {
  /** A whole line without its newline; `offset` is where it begins. The bytes are only good during the call. */
  readonly line: (bytes: Buffer, offset: number) => void
  /** A line longer than the bound: its bytes were passed over. */
  readonly tooLong: (offset: number) => void
}

export interface Lines {
  readonly push: (chunk: Uint8Array) => void
  /** What came after the last newline; empty when the last line was whole, null when it was too long to keep. */
  readonly rest: () => { readonly bytes: Buffer | null; readonly offset: number }
}

const newline = 0x0a

export const make = (sink: LineSink): Lines => {
  /** The beginning of a line whose end is still to come. */
  let pending: Array<Buffer> = []
  let pendingBytes = 0
  let lineOffset = 0
  let overlong = false

  const keep = (piece: Buffer) => {
    if (overlong || piece.length === 0) return
    if (pendingBytes + piece.length > maxLineBytes) {
      overlong = true
      pending = []
      pendingBytes = 0
      return
    }
    pending.push(piece)
    pendingBytes += piece.length
  }

  const finish = (piece: Buffer, offsetAfter: number) => {
    const fits = !overlong && pendingBytes + piece.length <= maxLineBytes
    if (!fits) sink.tooLong(lineOffset)
    else sink.line(pending.length === 0 ? piece : Buffer.concat([...pending, piece]), lineOffset)
    pending = []
    pendingBytes = 0
    overlong = false
    lineOffset = offsetAfter
  }

  let chunkOffset = 0
  return {
    push: (chunk) => {
      const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      let start = 0
      for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, start)) {
        finish(buffer.subarray(start, end), chunkOffset + end + 1)
        start = end + 1
      }
      keep(buffer.subarray(start))
      chunkOffset += buffer.length
    },
    rest: () => ({ bytes: overlong ? null : Buffer.concat(pending), offset: lineOffset }),
  }
}
