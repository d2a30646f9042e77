// The fixed first 100 bytes of every stored block: whose it is, what it holds, and how it is proven whole.

import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Lane } from "../../domain/Event.ts"

const HEADER_BYTES = 100
export const HASH_BYTES = 32
const FORMAT_VERSION = 1

const MAGIC = 0x414e_424b // "ANBK"
const CRC_AT = 96
const TWO_32 = 4_294_967_296

/** A block holds events. A tombstone stands where retention took blocks away. */
export type BlockForm = "block" | "tombstone"

/** Bits of `kinds`: what a scan can skip without unpacking. */
export const Kind = { record: 1, collective: 2, sample: 4, processes: 8 } as const

export interface BlockHeader {
  readonly form: BlockForm
  readonly lane: Lane
  readonly kinds: number
  /** 16 bytes: the log whose writer made the block. */
  readonly logId: Uint8Array
  readonly first: number
  /** Blocks of a lane are numbered 1, 2, 3 …: a missing one shows without reading the other lane. */
  readonly ordinal: number
  readonly minAt: number
  readonly maxAt: number
  readonly count: number
  readonly payloadBytes: number
  /** SHA-256 of the block before in the same lane; zeros for the first. */
  readonly previous: Uint8Array
}

export type HeaderProblem = { readonly problem: string }

/** Puts the header before its payload and seals both with the checksum. */
export const seal = (header: Omit<BlockHeader, "payloadBytes">, payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  bytes[4] = FORMAT_VERSION
  bytes[5] = header.form === "block" ? 0 : 1
  bytes[6] = header.lane === "action" ? 0 : 1
  bytes[7] = header.kinds
  bytes.set(header.logId, 8)
  setUint64(view, 24, header.first)
  setUint64(view, 32, header.ordinal)
  setUint64(view, 40, header.minAt)
  setUint64(view, 48, header.maxAt)
  view.setUint32(56, header.count)
  view.setUint32(60, payload.length)
  bytes.set(header.previous, 64)
  bytes.set(payload, HEADER_BYTES)
  view.setUint32(CRC_AT, checksum(bytes))
  return bytes
}

/** Reads a header and proves the whole block against its checksum; says what is wrong otherwise. */
export const open = (bytes: Uint8Array): BlockHeader | HeaderProblem => {
  if (bytes.length < HEADER_BYTES) return { problem: `a block of ${bytes.length} bytes is shorter than its header` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== MAGIC) return { problem: "a block does not begin as one" }
  if (bytes[4] !== FORMAT_VERSION)
    return { problem: `a block has format ${bytes[4]}; this build reads ${FORMAT_VERSION}` }
  if (view.getUint32(60) !== bytes.length - HEADER_BYTES) return { problem: "a block's length is not the one it names" }
  if (view.getUint32(CRC_AT) !== checksum(bytes)) return { problem: "a block's checksum does not fit" }
  return {
    form: bytes[5] === 0 ? "block" : "tombstone",
    lane: bytes[6] === 0 ? "action" : "telemetry",
    kinds: bytes[7] ?? 0,
    logId: bytes.subarray(8, 24),
    first: getUint64(view, 24),
    ordinal: getUint64(view, 32),
    minAt: getUint64(view, 40),
    maxAt: getUint64(view, 48),
    count: view.getUint32(56),
    payloadBytes: view.getUint32(60),
    previous: bytes.subarray(64, 96),
  }
}

export const isProblem = (read: BlockHeader | HeaderProblem): read is HeaderProblem => "problem" in read

export const payloadOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(HEADER_BYTES)

/** What the next block of the lane carries as `previous`. */
export const hashOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest()

/** The checksum of everything but itself. */
const checksum = (bytes: Uint8Array): number => crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, CRC_AT)))

const setUint64 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, Math.floor(value / TWO_32))
  view.setUint32(at + 4, value % TWO_32)
}

const getUint64 = (view: DataView, at: number): number => view.getUint32(at) * TWO_32 + view.getUint32(at + 4)
