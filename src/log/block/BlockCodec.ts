// Events to a sealed block and back. Lossless: what is read equals what was appended, whatever the driver.

import type { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Event, Lane } from "../../domain/Event.ts"
import { type BatchHead, readBatchTable, writeBatchTable } from "./BatchTable.ts"
import { type BlockHeader, isProblem, Kind, open, payloadOf, seal } from "./BlockHeader.ts"
import { ByteReader, ByteWriter } from "./Bytes.ts"
import { readEvents, writeEvents } from "./EventSections.ts"

/** Consecutive events of one cause, as they go into a block. */
export interface Run {
  readonly head: BatchHead
  readonly events: ReadonlyArray<Event>
}

export interface BlockPlace {
  readonly lane: Lane
  readonly logId: Uint8Array
  readonly first: number
  readonly ordinal: number
  readonly previous: Uint8Array
}

export const encodeBlock = (place: BlockPlace, runs: ReadonlyArray<Run>): Uint8Array => {
  const events = eventsOf(runs)
  const out = new ByteWriter(256 + events.length * 32)
  const heads = runs.map((run) => run.head)
  writeBatchTable(out, heads)
  const kinds = writeEvents(out, events)
  const times = heads.map((head) => head.at)
  const span = { minAt: Math.min(...times), maxAt: Math.max(...times) }
  return seal({ form: "block", ...place, ...span, kinds, count: events.length }, out.view())
}

/** By hand: flatMap costs as much here as packing a column. */
const eventsOf = (runs: ReadonlyArray<Run>): ReadonlyArray<Event> => {
  if (runs.length === 1 && runs[0] !== undefined) return runs[0].events
  const events: Array<Event> = []
  for (const run of runs) for (const event of run.events) events.push(event)
  return events
}

export type BlockRead =
  | { readonly header: BlockHeader; readonly envelopes: ReadonlyArray<Envelope> }
  | { readonly problem: string }

/** Whole or not at all: a block that does not prove itself yields no event. */
export const decodeBlock = (bytes: Uint8Array): BlockRead => {
  const header = open(bytes)
  return isProblem(header) ? header : decodePayload(header, bytes)
}

/** For a block whose header was opened, and so proven, before. */
export const decodePayload = (header: BlockHeader, bytes: Uint8Array): BlockRead => {
  if (header.form === "tombstone") return { header, envelopes: [] }
  try {
    const input = new ByteReader(payloadOf(bytes))
    const heads = readBatchTable(input, header.count)
    const events = readEvents(input, header.count)
    return { header, envelopes: toEnvelopes(header, heads, events) }
  } catch (cause) {
    // Bytes that pass their checksum and still make no sense come from a defective or newer writer.
    return { problem: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** When and by whom, without unpacking the events: what the time index needs. */
export const readHeads = (header: BlockHeader, bytes: Uint8Array): ReadonlyArray<BatchHead> =>
  readBatchTable(new ByteReader(payloadOf(bytes)), header.count)

export { Kind }

const toEnvelopes = (
  header: BlockHeader,
  heads: ReadonlyArray<BatchHead>,
  events: ReadonlyArray<Event>,
): ReadonlyArray<Envelope> => {
  const envelopes = new Array<Envelope>(events.length)
  let index = 0
  for (const { count, at, mono, actor, command } of heads) {
    for (let left = count; left > 0; left--) {
      const event = events[index]
      if (event === undefined) throw new RangeError("batches count more events than the block has")
      envelopes[index] = { position: (header.first + index) as Position, at, mono, actor, command, event }
      index += 1
    }
  }
  if (index !== events.length) throw new RangeError("batches count fewer events than the block has")
  return envelopes
}
