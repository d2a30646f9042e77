// Unpacks what LevelDB has compressed; null when the bytes make no sense.

export const uncompress = (bytes: Uint8Array): Uint8Array | null => {
  let at = 0
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined || shift > 28) return null
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  // No block of a table comes near this; a damaged length must not take all memory.
  if (length > MAX_BYTES) return null
  const out = new Uint8Array(length)
  let filled = 0
  while (at < bytes.length) {
    const tag = bytes[at++] as number
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >> 2) + 1
      if (size > 60) {
        const extra = size - 60
        size = littleEndian(bytes, at, extra) + 1
        at += extra
      }
      if (at + size > bytes.length || filled + size > length) return null
      out.set(bytes.subarray(at, at + size), filled)
      at += size
      filled += size
      continue
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const width = kind === 1 ? 1 : kind === 2 ? 2 : 4
    const offset = kind === 1 ? ((tag >> 5) << 8) | (bytes[at] ?? 0) : littleEndian(bytes, at, width)
    at += width
    if (offset === 0 || offset > filled || filled + size > length) return null
    // Byte by byte: a copy may overlap what it writes.
    for (let index = 0; index < size; index++) out[filled + index] = out[filled + index - offset] as number
    filled += size
  }
  return filled === length ? out : null
}

const MAX_BYTES = 64 * 1024 * 1024

const littleEndian = (bytes: Uint8Array, at: number, width: number): number => {
  let value = 0
  for (let index = width - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}
