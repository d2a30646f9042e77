// The one way in: a command is decided against the current state, its events are appended, and the caller learns the positions.

import { Context, Data, type Effect } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { Command } from "../domain/Command.ts"
import type { Event } from "../domain/Event.ts"
import type { Rejection } from "../domain/Rejection.ts"

export interface Caller {
  /** As written into the log: "uid:1000", "token:operator", "agent" … */
  readonly actor: string
}

export interface Accepted {
  /** Where the last event of the command lies; the head when there was nothing to do. */
  readonly position: Position
}

/** Commands are refused here by nature: an opened session, a replay. */
export class ReadOnly extends Data.TaggedError("ReadOnly")<{ readonly reason: string }> {}

/** Nothing was written; ask again. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  readonly reason: string
  readonly retryAfterMillis: number
}> {}

/** The disk failed in the middle of the write. The same command id may be offered again without harm. */
export class OutcomeUnknown extends Data.TaggedError("CommandOutcomeUnknown")<{ readonly reason: string }> {}

export type CommandError = ReadOnly | Unavailable | OutcomeUnknown

export class Commands extends Context.Tag("annalist/Commands")<
  Commands,
  {
    /** Returns once the command's events are durable; who answers from a view waits for `Views.reached(position)`. */
    readonly submit: (command: Command, caller: Caller) => Effect.Effect<Accepted, Rejection | CommandError>
    /** Takes observations that need no decision (collectives, audit): durable when it returns. */
    readonly record: (events: ReadonlyArray<Event>, caller: Caller) => Effect.Effect<Accepted, CommandError>
    /** Samples and ticks: durable within a second; never waited for. */
    readonly observe: (events: ReadonlyArray<Event>, caller: Caller) => Effect.Effect<void>
  }
>() {}
