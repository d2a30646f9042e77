// Small values (receipts, time index, meta, checkpoints) that prove themselves: a checksum over their key and content.

import { crc32 } from "node:zlib"

const SEAL_BYTES = 4

export const sealValue = (key: Uint8Array, content: Uint8Array): Uint8Array => {
  const value = new Uint8Array(SEAL_BYTES + content.length)
  value.set(content, SEAL_BYTES)
  new DataView(value.buffer).setUint32(0, crc32(content, crc32(key)))
  return value
}

/** The content, or null when it is not what was stored under this key. */
export const openValue = (key: Uint8Array, value: Uint8Array): Uint8Array | null => {
  if (value.length < SEAL_BYTES) return null
  // A plain view, whatever kind of buffer the driver hands out.
  const content = new Uint8Array(value.buffer, value.byteOffset + SEAL_BYTES, value.length - SEAL_BYTES)
  const sum = new DataView(value.buffer, value.byteOffset, value.length).getUint32(0)
  return sum === crc32(content, crc32(key)) ? content : null
}
