// What keeps a log fit over the years: aging of telemetry, live backup, and a check of the whole while it is in use.

import { Context, type Effect, type Stream } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { AppendError, LogDamaged, LogUnavailable, LogUnopenable } from "./EventLog.ts"
import type { Scrubbed } from "./verify/scrub.ts"
import type { Inspection } from "./verify/Verification.ts"

export interface RetentionPolicy {
  /** Telemetry before this wall time goes, µs since the epoch. */
  readonly beforeMicros: number
  /** Telemetry beyond so many bytes on disk goes, oldest first. */
  readonly maxBytes: number
  /** Whatever lies behind this position stays all the same; the head unless told. */
  readonly upTo?: Position
  /** Names what stays of what goes, in the tombstone. */
  readonly rollups?: string
}

export interface Aged {
  readonly blocks: number
  readonly events: number
  /** First position whose telemetry is still there raw. */
  readonly rawFrom: Position
}

export interface Backup {
  readonly directory: string
  readonly head: Position
  readonly entries: number
  readonly bytes: number
}

export class LogUpkeep extends Context.Tag("annalist/LogUpkeep")<
  LogUpkeep,
  {
    /** Takes whole blocks of telemetry from the beginning and leaves one tombstone. Actions are never touched. */
    readonly retain: (policy: RetentionPolicy) => Effect.Effect<Aged, AppendError | LogDamaged>
    /** Copies the log as it is now into a new directory, checked entry by entry, while appending goes on. */
    readonly backup: (directory: string) => Effect.Effect<Backup, LogUnavailable | LogUnopenable | LogDamaged>
    /** Everything that can be checked without touching files: the same as verifying the directory, but for those. */
    readonly verify: Effect.Effect<Inspection, LogUnavailable>
    /** One pass over the blocks while the log is used, as slowly as it is pulled; says what is not what was written. */
    readonly scrub: Stream.Stream<Scrubbed, LogUnavailable>
  }
>() {}
