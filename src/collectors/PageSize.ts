// The size of a memory page: the kernel tells it to every process, and Node does not pass it on.

import { readFileSync } from "node:fs"

/** Of nearly every Linux; ARM hosts may have 16 or 64 KiB. */
const usual = 4096
const pageSizeKey = 6n

export const read = (procRoot: string): number => {
  try {
    return fromAuxiliaryVector(readFileSync(`${procRoot}/self/auxv`)) ?? usual
  } catch {
    // Not Linux, or a tree without it: nothing there counts pages.
    return usual
  }
}

/** Pairs of 64-bit words in the host's byte order, which is little-endian wherever Node runs with /proc. */
export const fromAuxiliaryVector = (bytes: Buffer): number | null => {
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === pageSizeKey) return Number(bytes.readBigUInt64LE(at + 8))
  }
  return null
}
