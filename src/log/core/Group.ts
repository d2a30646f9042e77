// One group commit: everything that a sync takes along, placed, packed into blocks and made one atomic write.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Lane } from "../../domain/Event.ts"
import { encodeBlock, type Run } from "../block/BlockCodec.ts"
import { hashOf } from "../block/BlockHeader.ts"
import type { Committed } from "../EventLog.ts"
import type { Entry } from "../store/BlockStore.ts"
import { blockKey, encodePositions, receiptKey } from "../store/keys.ts"
import { sealValue } from "../store/sealed.ts"
import type { Limits } from "./Limits.ts"
import type { Pending } from "./Pending.ts"
import { indexTime, type LaneTail, type Tail, type TimeSegment } from "./Tail.ts"
import * as Turns from "./Turns.ts"

/** A batch with its place. */
export interface Placed {
  readonly pending: Pending
  readonly first: number
  readonly last: number
}

export interface Group {
  readonly placed: ReadonlyArray<Placed>
  readonly puts: ReadonlyArray<Entry>
  /** The log's end once the write is durable. */
  readonly tail: Tail
  readonly begun: TimeSegment | null
}

/** Actions first, then telemetry: each lane's share of the group is one unbroken range of positions. */
export const place = (head: number, pendings: ReadonlyArray<Pending>): ReadonlyArray<Placed> => {
  let next = head + 1
  const put = (pending: Pending): Placed => {
    const first = next
    next += pending.batch.events.length
    return { pending, first, last: next - 1 }
  }
  return [
    ...pendings.filter((pending) => pending.lane === "action").map(put),
    ...pendings.filter((pending) => pending.lane === "telemetry").map(put),
  ]
}

export const pack = Effect.fn("EventLog.pack")(function* (
  tail: Tail,
  logId: Uint8Array,
  pendings: ReadonlyArray<Pending>,
  limits: Limits,
) {
  const placed = place(tail.head, pendings)
  const puts: Array<Entry> = []
  const lanes: Record<Lane, LaneTail> = { ...tail.lanes }
  const turns = yield* Turns.make
  for (const block of split(placed, limits)) {
    const before = lanes[block.lane]
    const ordinal = before.ordinal + 1
    const bytes = encodeBlock(
      { lane: block.lane, logId, first: block.first, ordinal, previous: before.hash },
      block.runs,
    )
    puts.push([blockKey(block.lane, block.first), bytes])
    lanes[block.lane] = { ordinal, hash: hashOf(bytes) }
    yield* turns.give
  }
  for (const { pending, first, last } of placed) {
    if (pending.batch.command === null) continue
    const key = receiptKey(pending.batch.command)
    puts.push([key, sealValue(key, encodePositions(first, last))])
  }
  const times = placed.map(({ pending }) => pending.at)
  const indexed = indexTime(tail.time, tail.head + 1, Math.min(...times), Math.max(...times))
  if (indexed.entry !== null) puts.push(indexed.entry)
  const head = placed.at(-1)?.last ?? tail.head
  const group: Group = { placed, puts, tail: { head, lanes, time: indexed.time }, begun: indexed.begun }
  return group
})

/** The events of a group as followers are handed them. */
export const envelopesOf = (placed: ReadonlyArray<Placed>): Committed => {
  const envelopes: Array<Envelope> = []
  for (const { pending, first } of placed) {
    const { at, mono, batch } = pending
    let position = first
    for (const event of batch.events) {
      envelopes.push({ position: Position(position), at, mono, actor: batch.actor, command: batch.command, event })
      position += 1
    }
  }
  return envelopes
}

interface BlockPlan {
  readonly lane: Lane
  readonly first: number
  readonly runs: ReadonlyArray<Run>
}

const split = function* (placed: ReadonlyArray<Placed>, limits: Limits): Generator<BlockPlan> {
  let runs: Array<Run> = []
  let lane: Lane = "action"
  let first = 0
  let events = 0
  let bytes = 0
  for (const { pending, first: start } of placed) {
    const { batch, at, mono } = pending
    const each = pending.bytes / batch.events.length
    let offset = 0
    while (offset < batch.events.length) {
      const over = bytes > 0 && bytes + each > limits.blockBytes
      if (runs.length > 0 && (pending.lane !== lane || events === limits.blockEvents || over)) {
        yield { lane, first, runs }
        runs = []
        events = 0
        bytes = 0
      }
      if (runs.length === 0) {
        lane = pending.lane
        first = start + offset
      }
      const room = Math.max(1, Math.floor((limits.blockBytes - bytes) / each))
      const count = Math.min(batch.events.length - offset, limits.blockEvents - events, room)
      const taken = count === batch.events.length ? batch.events : batch.events.slice(offset, offset + count)
      runs.push({ head: { count, at, mono, actor: batch.actor, command: batch.command }, events: taken })
      offset += count
      events += count
      bytes += each * count
    }
  }
  if (runs.length > 0) yield { lane, first, runs }
}
