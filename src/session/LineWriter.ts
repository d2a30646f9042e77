// Sealed lines gathered into pieces of bytes: each is written once, summed where it lies, and digested with its piece.

import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { maxLineBytes } from "./Lines.ts"
import { sealBytes, sealOf } from "./seal.ts"

const pieceBytes = 256 * 1024

export interface LineWriter {
  /** Adds a line, given without its closing brace. False when it is longer than any reader takes. */
  readonly add: (body: string) => boolean
  /** Whether enough is gathered to be handed on. */
  readonly isFull: () => boolean
  /** What was gathered since, digested. */
  readonly take: () => Uint8Array
  /** Hex digits, over everything taken. */
  readonly digest: () => string
}

export const make = (): LineWriter => {
  const hash = createHash("sha256")
  let piece = Buffer.allocUnsafe(2 * pieceBytes)
  let length = 0

  /** A UTF-16 unit takes three bytes at most. */
  const room = (body: string): void => {
    const needed = length + 3 * body.length + sealBytes + 1
    if (needed <= piece.length) return
    const larger = Buffer.allocUnsafe(needed)
    piece.copy(larger, 0, 0, length)
    piece = larger
  }

  return {
    add: (body) => {
      room(body)
      const written = piece.write(body, length)
      if (written + sealBytes > maxLineBytes) return false
      const end = length + written
      length = end + piece.write(`${sealOf(crc32(piece.subarray(length, end)))}\n`, end, "latin1")
      return true
    },
    isFull: () => length >= pieceBytes,
    take: () => {
      const taken = Buffer.from(piece.subarray(0, length))
      length = 0
      hash.update(taken)
      return taken
    },
    digest: () => hash.digest("hex"),
  }
}
