// The events of a block, each kind in the section that packs it best, and the order in which they go back together.

import type { Event } from "../../domain/Event.ts"
import { Kind } from "./BlockHeader.ts"
import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import { packRecords, unpackRecords } from "./records.ts"

interface Section {
  readonly kind: number
  readonly write: (events: ReadonlyArray<Event>) => Uint8Array
  readonly read: (bytes: Uint8Array, count: number) => ReadonlyArray<Event>
}

const sections: ReadonlyArray<Section> = [{ kind: Kind.record, write: packRecords, read: unpackRecords }]

/** Writes the runs of kinds, then a section a kind; returns the bits of the kinds that occur. */
export const writeEvents = (out: ByteWriter, events: ReadonlyArray<Event>): number => {
  const byKind = new Map<number, Array<Event>>()
  const runs: Array<number> = []
  let last = -1
  for (const event of events) {
    const kind = kindOf(event)
    if (kind === last) runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1
    else runs.push(kind, 1)
    last = kind
    const same = byKind.get(kind)
    if (same === undefined) byKind.set(kind, [event])
    else same.push(event)
  }
  out.varint(runs.length)
  for (const run of runs) out.varint(run)
  let kinds = 0
  for (const section of sections) {
    const own = byKind.get(section.kind)
    if (own === undefined) continue
    kinds |= section.kind
    out.byte(section.kind)
    out.varint(own.length)
    out.sized(section.write(own))
  }
  return kinds
}

export const readEvents = (input: ByteReader, count: number): ReadonlyArray<Event> => {
  const length = input.varint()
  if (length > 2 * count) throw new MalformedBytes("a block has more runs than events")
  const runs = Array.from({ length }, () => input.varint())
  const byKind = new Map<number, ReadonlyArray<Event>>()
  while (input.left > 0) {
    const kind = input.byte()
    const rows = input.varint()
    const bytes = input.sized()
    const section = sections.find((candidate) => candidate.kind === kind)
    if (section === undefined) throw new MalformedBytes(`a block has a section of the unknown kind ${kind}`)
    if (rows > count) throw new MalformedBytes("a section has more events than its block")
    byKind.set(kind, section.read(bytes, rows))
  }
  const only = byKind.size === 1 ? byKind.get(runs[0] ?? 0) : undefined
  return only !== undefined && only.length === count ? only : interleave(runs, byKind, count)
}

const kindOf = (_event: Event): number => Kind.record

const interleave = (
  runs: ReadonlyArray<number>,
  byKind: ReadonlyMap<number, ReadonlyArray<Event>>,
  count: number,
): ReadonlyArray<Event> => {
  const events: Array<Event> = []
  const taken = new Map<number, number>()
  for (let run = 0; run < runs.length; run += 2) {
    const kind = runs[run] ?? 0
    const from = taken.get(kind) ?? 0
    const to = from + (runs[run + 1] ?? 0)
    const own = byKind.get(kind)
    if (own === undefined || to > own.length) throw new MalformedBytes("a run names events that are not there")
    for (let index = from; index < to; index++) events.push(own[index] as Event)
    taken.set(kind, to)
  }
  if (events.length !== count) throw new MalformedBytes("the runs do not add up to the block's events")
  return events
}
