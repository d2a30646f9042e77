// LevelDB's tables, block by block against their checksums, which LevelDB itself does not look at: a damaged block can
// give it wrong entries without a word, or end the whole process in a failed assertion.

import { ByteReader, MalformedBytes } from "../block/Bytes.ts"
import { crc32c, masked } from "./crc32c.ts"
import { uncompress } from "./snappy.ts"

interface Handle {
  readonly offset: number
  readonly size: number
}

const FOOTER_BYTES = 48
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb] as const
/** Behind each block: how it is compressed, and its checksum. */
const TRAILER_BYTES = 5

export interface TableCheck {
  /** How many blocks are not what was written; the whole table counts as one when its directory cannot be read. */
  readonly damagedBlocks: number
  /** The table with its damaged blocks marked, so that LevelDB reports each and can do no worse. */
  readonly defused: Uint8Array
}

/** Null when the table is whole. */
export const checkTable = (bytes: Uint8Array): TableCheck | null => {
  const handles = handlesOf(bytes)
  if (handles === null) {
    const defused = Uint8Array.from(bytes)
    // Without its last bytes nothing is a table, and LevelDB says so.
    defused.fill(0, Math.max(0, defused.length - MAGIC.length))
    return { damagedBlocks: 1, defused }
  }
  const damaged = handles.filter((handle) => !isWhole(bytes, handle))
  if (damaged.length === 0) return null
  const defused = Uint8Array.from(bytes)
  for (const { offset, size } of damaged) {
    // Uncompressed, with more restart points than it has room for: to LevelDB, clearly "bad block contents".
    defused.fill(0xff, Math.max(offset, offset + size - 4), offset + size)
    defused[offset + size] = 0
  }
  return { damagedBlocks: damaged.length, defused }
}

/** Every block of the table; null when the footer or the index is damaged. */
const handlesOf = (bytes: Uint8Array): ReadonlyArray<Handle> | null => {
  try {
    const footer = new ByteReader(bytes.subarray(Math.max(0, bytes.length - FOOTER_BYTES)))
    const meta = handleIn(footer, bytes.length)
    const index = handleIn(footer, bytes.length)
    const magic = bytes.subarray(bytes.length - MAGIC.length)
    if (!MAGIC.every((byte, place) => magic[place] === byte)) return null
    if (!isWhole(bytes, index)) return null
    const filters = isWhole(bytes, meta) ? entriesOf(bytes, meta) : []
    return [meta, index, ...filters, ...entriesOf(bytes, index)]
  } catch (cause) {
    if (cause instanceof MalformedBytes) return null
    throw cause
  }
}

const handleIn = (input: ByteReader, end: number): Handle => {
  const offset = input.varint()
  const size = input.varint()
  if (offset + size + TRAILER_BYTES > end) throw new MalformedBytes("a block lies beyond its table")
  return { offset, size }
}

const isWhole = (bytes: Uint8Array, { offset, size }: Handle): boolean => {
  const sealed = bytes.subarray(offset, offset + size + 1)
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset + size + 1, 4)
  return masked(crc32c(sealed)) === view.getUint32(0, true)
}

/** The handles that an index block's entries hold. */
const entriesOf = (bytes: Uint8Array, { offset, size }: Handle): ReadonlyArray<Handle> => {
  const stored = bytes.subarray(offset, offset + size)
  const block = bytes[offset + size] === 1 ? uncompress(stored) : stored
  if (block === null || block.length < 4) throw new MalformedBytes("an index block cannot be unpacked")
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4, 4).getUint32(0, true)
  const end = block.length - 4 * (restarts + 1)
  const input = new ByteReader(block)
  const handles: Array<Handle> = []
  while (input.at < end) {
    input.varint()
    const own = input.varint()
    const value = input.varint()
    input.raw(own)
    handles.push(handleIn(new ByteReader(input.raw(value)), bytes.length))
  }
  return handles
}
