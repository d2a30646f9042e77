// The read-only way to raw events, for faces and exports: live log, scratch snapshot or session file.

import { Context, Data, type Effect, type Stream } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { EventKind } from "../log/EventLog.ts"
import type { Rollups } from "../log/Rollups.ts"

export class ReadFailed extends Data.TaggedError("ReadFailed")<{ readonly reason: string }> {}

export interface Source {
  /** The node whose log this is. */
  readonly node: string
  readonly bootId: string
  readonly logId: string
  /** The first position of the recording: 1 for a whole log, later for a slice. */
  readonly first: Position
  readonly head: Position
  /** The first position whose telemetry is there as it was written; before it there are rollups at most. */
  readonly rawFrom: Position
  /** "live": an agent writes it now · "file": a session file · "directory": a data directory that nobody holds · "replay": a session that happens again. */
  readonly kind: "live" | "file" | "directory" | "replay"
  readonly bytes: number
}

export class LogReader extends Context.Tag("annalist/LogReader")<
  LogReader,
  {
    readonly source: Effect.Effect<Source>
    readonly read: (range: {
      readonly from: Position
      readonly to: Position
      /** A reader that can pass over the others unread does; no promise that they do not come. */
      readonly kinds?: ReadonlyArray<EventKind>
    }) => Stream.Stream<ReadonlyArray<Envelope>, ReadFailed>
    /** Never ends on a live log; ends at the head of a recorded one. */
    readonly follow: (from: Position) => Stream.Stream<ReadonlyArray<Envelope>, ReadFailed>
    /** The last position at or before a time; 0 when the log begins later. */
    readonly positionAt: (micros: number) => Effect.Effect<Position, ReadFailed>
    /** What stands for telemetry that has aged; null for a recording, which has none. */
    readonly rollups: Pick<typeof Rollups.Service, "get" | "scan"> | null
  }
>() {}
