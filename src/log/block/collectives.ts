// Collective and point-to-point operations in columns: a handful of bytes each, read back as they were.

import type { CollectiveEvent, Reporter } from "../../domain/events/CollectiveEvents.ts"
import { ByteReader, ByteWriter, MalformedBytes } from "./Bytes.ts"
import { readIndices, readTexts, writeIndices, writeTexts } from "./dictionary.ts"
import { ReporterList, readReporters, writeReporters } from "./reporters.ts"
import { type Grouping, type Numbers, readNumbers, writeNumbers } from "./numbers.ts"
import { readSparse, writeSparse } from "./sparse.ts"

type Collective = Extract<CollectiveEvent, { readonly algorithm: unknown }>
type Transfer = Extract<CollectiveEvent, { readonly bytes: unknown }>

/** Raised with every change of the columns; older ones stay readable. */
const VERSION = 1

const tags = ["CollectiveStarted", "CollectiveFinished", "TransferStarted", "TransferFinished"] as const
const tagNumbers: Readonly<Record<CollectiveEvent["_tag"], number>> = {
  CollectiveStarted: 0,
  CollectiveFinished: 1,
  TransferStarted: 2,
  TransferFinished: 3,
}

/** A field that is added to these events must be added to the columns too: until then this does not compile. */
type Columns =
  | "_tag"
  | "reporter"
  | "communicator"
  | "op"
  | "rank"
  | "size"
  | "startTime"
  | "endTime"
  | "filename"
  | "seq"
  | "extra"
type Uncovered = [
  Exclude<keyof Collective, Columns | "algorithm" | "dataType" | "count" | "rootRank">,
  Exclude<keyof Transfer, Columns | "remoteRank" | "bytes">,
]
const everyFieldHasAColumn: Uncovered extends [never, never] ? true : never = true

/** All of these events have so many fields. */
const FIELDS = 15
const TRANSFER_FIELDS = 13

/** Whether the columns hold all of an event: one with other fields than its type has is kept as a record. */
export const fits = (event: { readonly _tag: string }): boolean => {
  if (!everyFieldHasAColumn || !(event._tag in tagNumbers)) return false
  return Object.keys(event).length === ("algorithm" in event ? FIELDS : TRANSFER_FIELDS)
}

export const writeCollectives = (events: ReadonlyArray<CollectiveEvent>): Uint8Array => {
  const out = new ByteWriter(64 + events.length * 24)
  out.byte(VERSION)
  const rows = events.length
  const reporters = new ReporterList()
  const tagColumn = new Array<number>(rows)
  const reporterColumn = new Array<number>(rows)
  const collectives: Array<Collective> = []
  const transfers: Array<Transfer> = []
  for (let row = 0; row < rows; row++) {
    const event = events[row] as CollectiveEvent
    tagColumn[row] = tagNumbers[event._tag]
    reporterColumn[row] = reporters.indexOf(event.reporter)
    if ("algorithm" in event) collectives.push(event)
    else transfers.push(event)
  }
  const grouping = { of: reporterColumn, count: reporters.values.length }
  writeIndices(out, tagColumn)
  writeReporters(out, reporters.values)
  writeIndices(out, reporterColumn)
  writeCommon(out, events, grouping)
  writeTexts(
    out,
    collectives.map((event) => event.algorithm),
  )
  writeTexts(
    out,
    collectives.map((event) => event.dataType),
  )
  writeNumbers(
    out,
    collectives.map((event) => event.count),
  )
  writeNumbers(
    out,
    collectives.map((event) => event.rootRank),
  )
  writeNumbers(
    out,
    transfers.map((event) => event.remoteRank),
  )
  writeNumbers(
    out,
    transfers.map((event) => event.bytes),
  )
  return out.view()
}

const writeCommon = (out: ByteWriter, events: ReadonlyArray<CollectiveEvent>, grouping: Grouping): void => {
  writeTexts(
    out,
    events.map((event) => event.communicator),
  )
  writeTexts(
    out,
    events.map((event) => event.op),
  )
  writeTexts(
    out,
    events.map((event) => event.filename),
  )
  writeNumbers(
    out,
    events.map((event) => event.rank),
  )
  writeNumbers(
    out,
    events.map((event) => event.size),
  )
  writeNumbers(
    out,
    events.map((event) => event.seq),
    grouping,
  )
  const starts = events.map((event) => event.startTime)
  writeNumbers(out, starts, grouping)
  writeEnds(
    out,
    starts,
    events.map((event) => event.endTime),
    grouping,
  )
  writeSparse(
    out,
    events.map((event) => event.extra),
  )
}

/** An end lies close behind its own start, far closer than behind the end before. */
const writeEnds = (out: ByteWriter, starts: Numbers, ends: Numbers, grouping: Grouping): void => {
  const relative = ends.every((end, row) => end === null || (isExact(end) && isExact(starts[row])))
  out.byte(relative ? 1 : 0)
  if (!relative) return writeNumbers(out, ends, grouping)
  writeNumbers(
    out,
    ends.map((end, row) => (end === null ? null : end - (starts[row] ?? 0))),
  )
}

const readEnds = (input: ByteReader, starts: Numbers, grouping: Grouping): Array<number | null> => {
  if (input.byte() === 0) return readNumbers(input, starts.length, grouping)
  const ends = readNumbers(input, starts.length)
  for (let row = 0; row < ends.length; row++) {
    const end = ends[row]
    if (end !== null && end !== undefined) ends[row] = end + (starts[row] ?? 0)
  }
  return ends
}

/** Sums and differences of two such numbers are exact. */
const isExact = (value: number | null | undefined): boolean =>
  Number.isInteger(value) && Math.abs(value ?? 0) < 2 ** 50 && !Object.is(value, -0)

export const readCollectives = (bytes: Uint8Array, rows: number): ReadonlyArray<CollectiveEvent> => {
  const input = new ByteReader(bytes)
  const version = input.byte()
  if (version !== VERSION) throw new MalformedBytes(`collectives have columns of version ${version}`)
  const tagColumn = readIndices(input, rows, tags.length)
  const reporters = readReporters(input)
  const reporterColumn = readIndices(input, rows, reporters.length)
  const grouping = { of: reporterColumn, count: reporters.length }
  const communicator = readTexts(input, rows)
  const op = readTexts(input, rows)
  const filename = readTexts(input, rows)
  const rank = readNumbers(input, rows)
  const size = readNumbers(input, rows)
  const seq = readNumbers(input, rows, grouping)
  const startTime = readNumbers(input, rows, grouping)
  const endTime = readEnds(input, startTime, grouping)
  const extra = readSparse(input, rows)
  const collectives = tagColumn.reduce((sum, tag) => sum + (tag < 2 ? 1 : 0), 0)
  const algorithm = readTexts(input, collectives)
  const dataType = readTexts(input, collectives)
  const count = readNumbers(input, collectives)
  const rootRank = readNumbers(input, collectives)
  const remoteRank = readNumbers(input, rows - collectives)
  const transferBytes = readNumbers(input, rows - collectives)
  const events = new Array<CollectiveEvent>(rows)
  let at = 0
  for (let row = 0; row < rows; row++) {
    const tag = tagColumn[row] as 0 | 1 | 2 | 3
    // Written out field by field: objects of one shape are made, and later read, several times as fast.
    const common = {
      _tag: tags[tag],
      reporter: reporters[reporterColumn[row] as number] as Reporter,
      communicator: communicator[row] as string | null,
      op: op[row] as string,
      rank: rank[row] as number | null,
      size: size[row] as number | null,
      startTime: startTime[row] as number | null,
      endTime: endTime[row] as number | null,
      filename: filename[row] as string | null,
      seq: seq[row] as number | null,
      extra: extra === null ? null : (extra[row] as CollectiveEvent["extra"]),
    }
    events[row] =
      tag < 2
        ? withCollective(common, algorithm[at], dataType[at], count[at], rootRank[at++])
        : withTransfer(common, remoteRank[row - at], transferBytes[row - at])
  }
  return events
}

type Common = Omit<Collective, "_tag" | "algorithm" | "dataType" | "count" | "rootRank"> & { readonly _tag: string }
type Text = string | null | undefined
type Number_ = number | null | undefined

const withCollective = (common: Common, algorithm: Text, dataType: Text, count: Number_, rootRank: Number_) => {
  const event = common as unknown as { -readonly [F in keyof Collective]: Collective[F] }
  event.algorithm = algorithm as string | null
  event.dataType = dataType as string | null
  event.count = count as number | null
  event.rootRank = rootRank as number | null
  return event
}

const withTransfer = (common: Common, remoteRank: Number_, bytes: Number_) => {
  const event = common as unknown as { -readonly [F in keyof Transfer]: Transfer[F] }
  event.remoteRank = remoteRank as number | null
  event.bytes = bytes as number | null
  return event
}
