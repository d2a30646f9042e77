// Compressed session files: by their name when written, by their first bytes when read.

import * as zlib from "node:zlib"
import type { Transform } from "node:stream"

export type Compression = "none" | "gzip" | "zstd"

/** zstd came to Node with 22.15 and 23.8; the types of the oldest Node that is served do not know it. */
interface ZstdOfNode {
  readonly createZstdCompress?: () => Transform
  readonly createZstdDecompress?: () => Transform
}
const zstd = zlib as unknown as ZstdOfNode

export const byName = (path: string): Compression =>
  path.endsWith(".gz") ? "gzip" : path.endsWith(".zst") ? "zstd" : "none"

export const byFirstBytes = (bytes: Uint8Array): Compression => {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip"
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd ? "zstd" : "none"
}

const noZstd = `zstd needs Node 22.15 or newer, this is Node ${process.versions.node}`

/** A string is the reason why this Node cannot. */
export const compressor = (compression: Compression): Transform | null | string => {
  if (compression === "none") return null
  if (compression === "gzip") return zlib.createGzip()
  return zstd.createZstdCompress?.() ?? `${noZstd}: name the file .gz instead`
}

/** A stream that was cut short simply ends: what could be unpacked is worth having, and the missing end line tells. */
export const decompressor = (compression: Compression): Transform | null | string => {
  if (compression === "none") return null
  if (compression === "gzip") return zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH })
  return zstd.createZstdDecompress?.() ?? noZstd
}
