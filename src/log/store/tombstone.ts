// What stands where retention took telemetry away: which blocks and events were there, and the hash by which the chain goes on.

import { ByteReader, ByteWriter } from "../block/Bytes.ts"
import { HASH_BYTES, payloadOf, seal } from "../block/BlockHeader.ts"

export interface Tombstone {
  readonly logId: Uint8Array
  readonly first: number
  readonly last: number
  readonly firstOrdinal: number
  readonly lastOrdinal: number
  readonly events: number
  readonly minAt: number
  readonly maxAt: number
  /** The chain's value before the first block that went, and after the last. */
  readonly before: Uint8Array
  readonly after: Uint8Array
  /** What stays of it among the rollups, by name; empty where nothing does. */
  readonly rollups: string
}

export const encode = (stone: Tombstone): Uint8Array => {
  const out = new ByteWriter(64)
  out.varint(stone.last)
  out.varint(stone.lastOrdinal)
  out.varint(stone.events)
  out.raw(stone.after)
  if (stone.rollups !== "") out.text(stone.rollups)
  const { logId, first, minAt, maxAt } = stone
  const header = { form: "tombstone", lane: "telemetry", kinds: 0, logId, first, minAt, maxAt, count: 0 } as const
  return seal({ ...header, ordinal: stone.firstOrdinal, previous: stone.before }, out.view())
}

/** For bytes whose header was opened, and so proven, before. */
export const decode = (
  header: {
    readonly logId: Uint8Array
    readonly first: number
    readonly ordinal: number
    readonly minAt: number
    readonly maxAt: number
    readonly previous: Uint8Array
  },
  bytes: Uint8Array,
): Tombstone => {
  const input = new ByteReader(payloadOf(bytes))
  const last = input.varint()
  const lastOrdinal = input.varint()
  const events = input.varint()
  const after = input.raw(HASH_BYTES)
  // The first stones had no such name.
  const rollups = input.left > 0 ? input.text() : ""
  const { logId, first, ordinal, minAt, maxAt, previous } = header
  return {
    logId,
    first,
    last,
    firstOrdinal: ordinal,
    lastOrdinal,
    events,
    minAt,
    maxAt,
    before: previous,
    after,
    rollups,
  }
}
