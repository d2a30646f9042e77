// The log reader over the text of a session file: any range by the index, a bounded piece of the file at a time.

import type { FileHandle } from "node:fs/promises"
import { Chunk, Effect, Either, Option, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import { type LogReader, ReadFailed } from "../projections/LogReader.ts"
import { fromJson } from "../wire/sessionLine.ts"
import { maxLineBytes } from "./Lines.ts"
import type { ScanReport } from "./ScanReport.ts"
import { parseObject } from "./SessionHeader.ts"
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
      kind: "file",
      bytes: file.bytes,
    }),
    read,
    follow: (from) => read({ from, to: Position(last) }),
    positionAt: (micros) => positionAt(file, micros),
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
        const envelopes = yield* parseLines(bytes.toString("utf8", 0, lastNewline), offset)
        return { envelopes, next: offset + lastNewline + 1 }
      }
      if (size >= left || size > maxLineBytes) return yield* changed(offset)
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

const parseLines = (text: string, offset: number): Effect.Effect<ReadonlyArray<Envelope>, ReadFailed> =>
  Effect.suspend(() => {
    const envelopes: Array<Envelope> = []
    for (const line of text.split("\n")) {
      const parsed = fromJson(parseObject(line))
      if (Either.isLeft(parsed)) return changed(offset)
      envelopes.push(parsed.right)
    }
    return Effect.succeed(envelopes)
  })

/** Every line was whole when the file was opened. */
const changed = (offset: number) =>
  Effect.fail(new ReadFailed({ reason: `the session file changed while it was open, at byte ${offset} or after` }))

const positionAt = (file: IndexedFile, micros: number): Effect.Effect<Position, ReadFailed> =>
  Effect.gen(function* () {
    const { header, last } = file.report
    const number = file.marks.findLastIndex((mark) => mark.earliest <= micros)
    const mark = file.marks[number]
    if (mark === undefined) return Position(0)
    const to = (file.marks[number + 1]?.position ?? last + 1) - 1
    const from = Math.max(mark.position, header.from)
    const found = yield* readRange(file, Position(from), Position(to)).pipe(
      Stream.runFold(0, (best, envelopes) => envelopes.findLast(({ at }) => at <= micros)?.position ?? best),
    )
    return Position(found)
  })
