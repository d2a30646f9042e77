// The events of a block, each kind in the section that packs it best, and the order in which they go back together.

import type { Event } from "../../domain/Event.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import type { ProcessesSampled } from "../../domain/events/HostProcessEvents.ts"
import type { SampleEvent } from "../../domain/events/SampleEvents.ts"
import { Kind } from "./BlockHeader.ts"
import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import * as collectives from "./collectives.ts"
import * as processes from "./processes.ts"
import * as samples from "./samples.ts"
import { packRecords, unpackRecords } from "./records.ts"

interface Section {
  readonly kind: number
  readonly write: (events: ReadonlyArray<Event>) => Uint8Array
  readonly read: (bytes: Uint8Array, count: number) => ReadonlyArray<Event>
}

const sections: ReadonlyArray<Section> = [
  { kind: Kind.record, write: packRecords, read: unpackRecords },
  {
    kind: Kind.collective,
    write: (events) => collectives.writeCollectives(events as ReadonlyArray<CollectiveEvent>),
    read: collectives.readCollectives,
  },
  {
    kind: Kind.sample,
    write: (events) => samples.writeSamples(events as ReadonlyArray<SampleEvent>),
    read: samples.readSamples,
  },
  {
    kind: Kind.processes,
    write: (events) => processes.writeProcesses(events as ReadonlyArray<ProcessesSampled>),
    read: processes.readProcesses,
  },
]

/** Writes the runs of kinds, then a section a kind; returns the bits of the kinds that occur. */
export const writeEvents = (out: ByteWriter, events: ReadonlyArray<Event>): number => {
  try {
    return writeByKind(out, events, kindOf)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    // Something that its type does not allow got this far: records keep whatever it is.
    return writeByKind(out, events, () => Kind.record)
  }
}

const writeByKind = (out: ByteWriter, events: ReadonlyArray<Event>, kindOf: (event: Event) => number): number => {
  const byKind = new Map<number, Array<Event>>()
  const runs: Array<number> = []
  let last = -1
  let same: Array<Event> = []
  for (const event of events) {
    const kind = kindOf(event)
    if (kind !== last) {
      const known = byKind.get(kind)
      same = known ?? []
      if (known === undefined) byKind.set(kind, same)
      runs.push(kind, 0)
      last = kind
    }
    runs[runs.length - 1] = (runs[runs.length - 1] ?? 0) + 1
    same.push(event)
  }
  const packed = sections.flatMap(({ kind, write }) => {
    const own = byKind.get(kind)
    // Sections are packed before anything is written, so that a failure leaves nothing half.
    return own === undefined ? [] : [{ kind, rows: own.length, bytes: Uint8Array.from(write(own)) }]
  })
  out.varint(runs.length)
  for (const run of runs) out.varint(run)
  let kinds = 0
  for (const { kind, rows, bytes } of packed) {
    kinds |= kind
    out.byte(kind)
    out.varint(rows)
    out.sized(bytes)
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

/** The section that an event goes into: a bit of the block's kinds. */
export const kindOf = (event: Event): number => {
  if (collectives.fits(event)) return Kind.collective
  if (samples.fits(event)) return Kind.sample
  return processes.fits(event) ? Kind.processes : Kind.record
}

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
