// Where things lie in the store: one letter a family, then what it is ordered by, big end first.

import type { Lane } from "../../domain/Event.ts"

const TWO_32 = 4_294_967_296
const text = new TextEncoder()

/** Blocks of actions (a), blocks of telemetry (t), time index (i), receipts (r), meta (m), checkpoints (c), rollups (u), gaps of a repair (g). */
export const family = {
  action: 0x61,
  telemetry: 0x74,
  time: 0x69,
  receipt: 0x72,
  meta: 0x6d,
  checkpoint: 0x63,
  rollup: 0x75,
  gap: 0x67,
} as const
export type Family = (typeof family)[keyof typeof family]

export const laneFamily = (lane: Lane): Family => (lane === "action" ? family.action : family.telemetry)

export const blockKey = (lane: Lane, first: number): Uint8Array => uint64Key(laneFamily(lane), first)
export const gapKey = (first: number): Uint8Array => uint64Key(family.gap, first)
export const receiptKey = (command: string): Uint8Array => textKey(family.receipt, command)
export const rollupKey = (own: Uint8Array): Uint8Array => textKey(family.rollup, "", own)
export const metaKey = (name: string): Uint8Array => textKey(family.meta, name)

export const timeKey = (segment: number, at: number): Uint8Array => {
  const key = new Uint8Array(13)
  const view = new DataView(key.buffer)
  key[0] = family.time
  view.setUint32(1, segment)
  setUint64(view, 5, at)
  return key
}

export const timeOfKey = (key: Uint8Array): { readonly segment: number; readonly at: number } => {
  const view = viewOf(key)
  return { segment: view.getUint32(1), at: getUint64(view, 5) }
}

/** The number after the family's letter. */
export const positionOfKey = (key: Uint8Array): number => getUint64(viewOf(key), 1)

export const uint64Key = (letter: Family, value: number): Uint8Array => {
  const key = new Uint8Array(9)
  key[0] = letter
  setUint64(new DataView(key.buffer), 1, value)
  return key
}

export const textKey = (letter: Family, value: string, rest: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const bytes = text.encode(value)
  const key = new Uint8Array(1 + bytes.length + rest.length)
  key[0] = letter
  key.set(bytes, 1)
  key.set(rest, 1 + bytes.length)
  return key
}

/** Everything of a family: from its letter to the next one. */
export const familyRange = (letter: Family): { readonly from: Uint8Array; readonly until: Uint8Array } => ({
  from: Uint8Array.of(letter),
  until: Uint8Array.of(letter + 1),
})

export const encodePositions = (...positions: ReadonlyArray<number>): Uint8Array => {
  const bytes = new Uint8Array(8 * positions.length)
  const view = new DataView(bytes.buffer)
  positions.forEach((position, index) => setUint64(view, 8 * index, position))
  return bytes
}

export const decodePosition = (bytes: Uint8Array, index = 0): number => getUint64(viewOf(bytes), 8 * index)

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const setUint64 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, Math.floor(value / TWO_32))
  view.setUint32(at + 4, value % TWO_32)
}

const getUint64 = (view: DataView, at: number): number => view.getUint32(at) * TWO_32 + view.getUint32(at + 4)
