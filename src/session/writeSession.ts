// A session as bytes: header, event lines in order of position, end line with count and digest. One pass, bounded memory.

import { createHash } from "node:crypto"
import { Effect, Stream } from "effect"
import type { Envelope } from "../domain/Envelope.ts"
import { format } from "../wire/sessionLine.ts"
import { type Recording, Unwritable } from "./Format.ts"
import { maxLineBytes } from "./Lines.ts"
import { seal } from "./seal.ts"
import { formatEnd, formatHeader } from "./SessionHeader.ts"

/** Bytes gathered before they are handed on. */
const chunkBytes = 256 * 1024

/** Events arrive in order of position and within the header's range; `carried` lie before it. */
export const writeSession = <E, R>({
  header,
  carried,
  events,
}: Recording<E, R>): Stream.Stream<Uint8Array, E | Unwritable, R> =>
  Stream.suspend(() => {
    const hash = createHash("sha256")
    let written = 0
    const digested = (text: string): Uint8Array => {
      const bytes = Buffer.from(text)
      hash.update(bytes)
      return bytes
    }
    const lines = (envelopes: ReadonlyArray<Envelope>, ending: string) =>
      Stream.fromIteratorSucceed(chunksOf(envelopes, ending), 1).pipe(
        Stream.mapEffect((text) => (typeof text === "string" ? Effect.succeed(digested(text)) : Effect.fail(text))),
      )
    const counted = events.pipe(
      Stream.flatMap((envelopes) => {
        written += envelopes.length
        return lines(envelopes, "}")
      }),
    )
    const end = Stream.sync(() => {
      const absent = Math.max(0, header.to - header.from + 1) - written
      const line = formatEnd({ count: written + carried.length, absent, digest: `sha256:${hash.digest("hex")}` })
      return Buffer.from(`${line}\n`)
    })
    return Stream.sync(() => digested(`${formatHeader(header)}\n`)).pipe(
      Stream.concat(lines(carried, `,"carried":true}`)),
      Stream.concat(counted),
      Stream.concat(end),
    )
  })

function* chunksOf(envelopes: ReadonlyArray<Envelope>, ending: string): Generator<string | Unwritable> {
  let text = ""
  for (const envelope of envelopes) {
    const line = seal(`${format(envelope).slice(0, -1)}${ending}`)
    if (line.length > maxLineBytes / 4 && Buffer.byteLength(line) > maxLineBytes) {
      yield new Unwritable({
        reason: `the event at position ${envelope.position} is longer than ${maxLineBytes} bytes as a line`,
      })
      return
    }
    text += `${line}\n`
    if (text.length >= chunkBytes) {
      yield text
      text = ""
    }
  }
  if (text !== "") yield text
}
