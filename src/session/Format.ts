// A way to write a range of the log: bytes out of a stream of events, in one pass and bounded memory.

import { Data, type Stream } from "effect"
import type { Envelope } from "../domain/Envelope.ts"
import type { Table } from "./tables/Table.ts"
import type { SessionHeader } from "./SessionHeader.ts"

/** What is written: whose log and which range, what a slice carries, and its events in order of position. */
export interface Recording<E, R> {
  readonly header: SessionHeader
  /** From before the header's range; empty for a whole log. */
  readonly carried: ReadonlyArray<Envelope>
  readonly events: Stream.Stream<ReadonlyArray<Envelope>, E, R>
}

/** An event that this format cannot hold. */
export class Unwritable extends Data.TaggedError("Unwritable")<{ readonly reason: string }> {}

export interface Format {
  /** As `--format` and `?format=` take it. */
  readonly name: string
  readonly contentType: string
  /** How a file's name ends, with the dot. */
  readonly extension: string
  readonly summary: string
  /** Of a format that writes tables, the one that this is of. */
  readonly table?: Table
  readonly write: <E, R>(recording: Recording<E, R>) => Stream.Stream<Uint8Array, E | Unwritable, R>
}
