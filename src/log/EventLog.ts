// The one log of an agent: append durably, read back, follow. Drivers: LevelDB and memory.

import { Context, Data, type Effect, type Stream } from "effect"
import type { CommandId, Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Event, Lane } from "../domain/Event.ts"

/** Events of one cause; they are appended all or none, next to each other. All of one lane. */
export interface Batch {
  readonly actor: string
  /** With an id, the same batch offered again is answered with the positions of the first time. */
  readonly command: CommandId | null
  readonly events: ReadonlyArray<Event>
}

/** Where a batch lies: its events have the positions first … last. */
export interface Appended {
  readonly first: Position
  readonly last: Position
  /** True when the command id was known: nothing was appended now. */
  readonly repeated: boolean
}

/** Events that became durable together, in order of position, dense. What followers are handed. */
export type Committed = ReadonlyArray<Envelope>

export interface ReadRange {
  /** First position wanted; default 1. */
  readonly from?: Position
  /** Last position wanted; default the head at the time of asking. */
  readonly to?: Position
  readonly lanes?: ReadonlyArray<Lane>
  /** Only collectives, only samples …: blocks without them are passed over unpacked. */
  readonly kinds?: ReadonlyArray<EventKind>
}

/** Events that are stored alike: collectives and transfers, samples, and everything else. */
export type EventKind = "record" | "collective" | "sample" | "processes"

export interface LogInfo {
  /** Changes whenever history may have: a log restored from a backup or repaired gets a new one. */
  readonly logId: string
  readonly head: Position
  /** First position whose telemetry is still there raw. */
  readonly rawFrom: Position
  readonly bytesOnDisk: number
  /** Why nothing can be appended now; null while all is well. */
  readonly unavailable: string | null
  /** True while room is short: telemetry is turned away so that actions still fit. */
  readonly telemetryStopped: boolean
}

/** The write may or may not be durable; the same command id may be offered again without harm. */
export class OutcomeUnknown extends Data.TaggedError("OutcomeUnknown")<{ readonly reason: string }> {}

/** The log takes nothing now; `retryAfterMillis` is when to ask again. Nothing was written. */
export class LogUnavailable extends Data.TaggedError("LogUnavailable")<{
  readonly reason: string
  readonly retryAfterMillis: number
}> {}

/** An event that no log takes, named before anything was written. */
export class EventRefused extends Data.TaggedError("EventRefused")<{
  readonly type: string
  readonly reason: string
}> {}

/** Stored bytes that are not what was written: exact range, never served as healthy. */
export class LogDamaged extends Data.TaggedError("LogDamaged")<{
  readonly from: Position
  readonly to: Position
  readonly reason: string
}> {}

/** The log cannot be opened as it is, and nothing on disk was changed; `advice` is what a person can do. */
export class LogUnopenable extends Data.TaggedError("LogUnopenable")<{
  readonly reason: string
  readonly advice: string
}> {}

export type AppendError = OutcomeUnknown | LogUnavailable | EventRefused

export class EventLog extends Context.Tag("annalist/EventLog")<
  EventLog,
  {
    /** Returns once the batch is durable and has been handed to the followers. */
    readonly append: (batch: Batch) => Effect.Effect<Appended, AppendError>
    /** The same in two steps: returns once the batch has its place in the order; the effect inside, once it is durable. */
    readonly enqueue: (batch: Batch) => Effect.Effect<Effect.Effect<Appended, AppendError>, AppendError>
    /** Where the batch of this command lies; waits for one that is on its way, and is null for one that was never durable. */
    readonly receipt: (command: CommandId) => Effect.Effect<Appended | null, AppendError>
    /** Telemetry that nobody waits for: durable within a second, dropped and counted under pressure. */
    readonly observe: (batch: Batch) => Effect.Effect<void>
    readonly read: (range: ReadRange) => Stream.Stream<Committed, LogDamaged | LogUnavailable>
    /** Backlog from a position on, then what is committed, without a gap and without doubles. */
    readonly follow: (from: Position) => Stream.Stream<Committed, LogDamaged | LogUnavailable>
    /** The last position whose time is at or before; 0 when the log begins later. */
    readonly positionAt: (micros: number) => Effect.Effect<Position, LogUnavailable>
    readonly info: Effect.Effect<LogInfo>
  }
>() {}
