// The log reader over the text of a session file: any range by the index, a bounded piece of the file at a time.

import { isAscii } from "node:buffer"
import type { FileHandle } from "node:fs/promises"
import { Chunk, Effect, Either, Option, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import { isoMicros } from "../domain/Moment.ts"
import { type LogReader, ReadFailed } from "../projections/LogReader.ts"
import { parse } from "../wire/sessionLine.ts"
import { maxLineBytes } from "./Lines.ts"
import type { ScanReport } from "./ScanReport.ts"
import { type Mark, markBefore } from "./SessionIndex.ts"

export interface IndexedFile {
  readonly handle: FileHandle
  readonly report: ScanReport
  readonly marks: ReadonlyArray<Mark>
  readonly bytes: number
}

const pieceBytes = 256 * 1024

export const make = (file: IndexedFile): LogReader["Type"] => {
  const { header, last } = file.report
  const read = (range: { readonly from: Position; readonly to: Position }) => readRange(file, range.from, range.to)
  return {
    source: Effect.succeed({
      node: header.node,
      bootId: header.bootId,
      logId: header.logId ?? "",
      first: Position(header.from),
      head: Position(last),
      rawFrom: Position(header.from),
      kind: "file",
      bytes: file.bytes,
    }),
    read,
    follow: (from) => read({ from, to: Position(last) }),
    positionAt: timesOf(file),
    rollups: null,
  }
}

const readRange = (
  file: IndexedFile,
  from: Position,
  to: Position,
): Stream.Stream<ReadonlyArray<Envelope>, ReadFailed> => {
  const start = file.marks[markBefore(file.marks, from)]
  if (start === undefined || from > to) return Stream.empty
  return Stream.unfoldChunkEffect(start.offset, (offset) =>
    offset >= file.report.endOffset
      ? Effect.succeed(Option.none())
      : Effect.map(readPiece(file, offset), ({ envelopes, next }) => {
          const wanted = envelopes.filter(({ position }) => position >= from && position <= to)
          const past = (envelopes.at(-1)?.position ?? 0) >= to
          const chunk = wanted.length === 0 ? Chunk.empty<ReadonlyArray<Envelope>>() : Chunk.of(wanted)
          return Option.some([chunk, past ? Infinity : next] as const)
        }),
  )
}

interface Piece {
  readonly envelopes: ReadonlyArray<Envelope>
  readonly next: number
}

/** The whole lines from an offset on, as many as fit into a piece; one at least. */
const readPiece = (file: IndexedFile, offset: number): Effect.Effect<Piece, ReadFailed> =>
  Effect.gen(function* () {
    const left = file.report.endOffset - offset
    for (let size = Math.min(pieceBytes, left); ; size = Math.min(size * 4, left)) {
      const bytes = yield* readBytes(file, offset, size)
      const lastNewline = bytes.lastIndexOf(0x0a)
      if (lastNewline >= 0) {
        const envelopes = yield* parseLines(bytes.subarray(0, lastNewline), offset)
        return { envelopes, next: offset + lastNewline + 1 }
      }
      if (size >= left || size > maxLineBytes) return yield* unreadable(offset, "it has no end")
    }
  })

const readBytes = (file: IndexedFile, offset: number, size: number): Effect.Effect<Buffer, ReadFailed> =>
  Effect.tryPromise({
    try: async () => {
      const buffer = Buffer.allocUnsafe(size)
      const { bytesRead } = await file.handle.read(buffer, 0, size, offset)
      return buffer.subarray(0, bytesRead)
    },
    catch: (error) => new ReadFailed({ reason: error instanceof Error ? error.message : String(error) }),
  })

const parseLines = (bytes: Buffer, offset: number): Effect.Effect<ReadonlyArray<Envelope>, ReadFailed> =>
  Effect.suspend(() => {
    const text = bytes.toString(isAscii(bytes) ? "latin1" : "utf8")
    const envelopes: Array<Envelope> = []
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf("\n", start)
      const end = newline < 0 ? text.length : newline
      const parsed = parse(text, start, end)
      if (Either.isLeft(parsed)) return unreadable(offset, parsed.left)
      envelopes.push(parsed.right)
      start = end + 1
    }
    return Effect.succeed(envelopes)
  })

/** The writer's digest of the whole was right when the file was opened: the file changed since, or its writer wrote no event. */
const unreadable = (offset: number, reason: string) =>
  Effect.fail(
    new ReadFailed({ reason: `the session file has a line after byte ${offset} that is no event: ${reason}` }),
  )

/** The times of the lines from one mark to the next. */
interface Stretch {
  readonly number: number
  readonly positions: ReadonlyArray<number>
  readonly ats: ReadonlyArray<number>
}

/** Times are asked for in rows (a time bar's steps), so the stretch that was read last is kept. */
const timesOf = (file: IndexedFile) => {
  let last: Stretch | null = null
  return (micros: number): Effect.Effect<Position, ReadFailed> =>
    Effect.gen(function* () {
      const number = file.marks.findLastIndex((mark) => mark.earliest <= micros)
      if (number < 0) return Position(0)
      if (last?.number !== number) last = yield* readStretch(file, number)
      const { ats, positions } = last
      return Position(positions[ats.findLastIndex((at) => at <= micros)] ?? 0)
    })
}

const readStretch = (file: IndexedFile, number: number): Effect.Effect<Stretch, ReadFailed> =>
  Effect.gen(function* () {
    const { endOffset, header } = file.report
    const start = file.marks[number]?.offset ?? 0
    const end = file.marks[number + 1]?.offset ?? endOffset
    const text = (yield* readBytes(file, start, end - start)).toString("utf8")
    const positions: Array<number> = []
    const ats: Array<number> = []
    for (const line of text.split("\n")) {
      if (line === "") continue
      const found = placeOf(line)
      if (found === null) return yield* unreadable(start, "it has no position or no time")
      // What was carried into a slice happened before it.
      if (found.position < header.from) continue
      positions.push(found.position)
      ats.push(found.at)
    }
    return { number, positions, ats }
  })

/** Where every writer of ours puts them; another's line is parsed whole. */
const leading = /^\{"position":(\d{1,15}),"at":"([^"]{16,40})"/

const placeOf = (line: string): { readonly position: number; readonly at: number } | null => {
  const found = leading.exec(line)
  const at = found?.[2] === undefined ? null : isoMicros(found[2])
  if (found !== null && at !== null) return { position: Number(found[1]), at }
  return Option.getOrNull(Either.getRight(parse(line, 0, line.length)))
}
