// A session as bytes: header, event lines in order of position, end line with count and digest. One pass, bounded memory.

import { Effect, Stream } from "effect"
import type { Envelope } from "../domain/Envelope.ts"
import { format } from "../wire/sessionLine.ts"
import { type Recording, Unwritable } from "./Format.ts"
import { maxLineBytes } from "./Lines.ts"
import * as LineWriter from "./LineWriter.ts"
import { sealBytes } from "./seal.ts"
import { formatEnd, formatHeader } from "./SessionHeader.ts"

/** Events arrive in order of position and within the header's range; `carried` lie before it. */
export const writeSession = <E, R>({
  header,
  carried,
  events,
}: Recording<E, R>): Stream.Stream<Uint8Array, E | Unwritable, R> =>
  Stream.suspend(() => {
    const lines = LineWriter.make()
    let written = 0
    const pieces = (envelopes: ReadonlyArray<Envelope>, mark: string) =>
      Stream.fromIteratorSucceed(piecesOf(lines, envelopes, mark), 1).pipe(
        Stream.mapEffect((piece) => (piece instanceof Unwritable ? Effect.fail(piece) : Effect.succeed(piece))),
      )
    const counted = events.pipe(
      Stream.flatMap((envelopes) => {
        written += envelopes.length
        return pieces(envelopes, "")
      }),
    )
    const end = Stream.suspend(() => {
      const rest = lines.take()
      const absent = Math.max(0, header.to - header.from + 1) - written
      const line = formatEnd({ count: written + carried.length, absent, digest: `sha256:${lines.digest()}` })
      return Stream.make(rest, Buffer.from(`${line}\n`))
    })
    return Stream.sync(() => {
      // The header is sealed already; its seal is written anew, over the same bytes.
      lines.add(formatHeader(header).slice(0, -sealBytes))
      return lines.take()
    }).pipe(Stream.concat(pieces(carried, ',"carried":true')), Stream.concat(counted), Stream.concat(end))
  })

function* piecesOf(
  lines: LineWriter.LineWriter,
  envelopes: ReadonlyArray<Envelope>,
  mark: string,
): Generator<Uint8Array | Unwritable> {
  for (const envelope of envelopes) {
    if (!lines.add(`${format(envelope).slice(0, -1)}${mark}`)) {
      yield new Unwritable({
        reason: `the event at position ${envelope.position} is longer than ${maxLineBytes} bytes as a line`,
      })
      return
    }
    if (lines.isFull()) yield lines.take()
  }
}
