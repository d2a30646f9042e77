// What a driver must do for the log: keep ordered keys, commit atomically and durably, scan. It decides nothing.

import { Data, type Effect, type Scope } from "effect"
import type { LogUnopenable } from "../EventLog.ts"

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** All or nothing, and durable once acknowledged. */
export interface StoreWrite {
  readonly puts: ReadonlyArray<Entry>
  readonly deletes: ReadonlyArray<Uint8Array>
}

export interface KeyRange {
  readonly from: Uint8Array
  /** Exclusive. */
  readonly until: Uint8Array
  readonly reverse?: boolean
}

/** Entries as they were when the cursor was opened. */
export interface Cursor {
  /** The next entries, up to about so many bytes of them and at least one; empty at the end. */
  readonly next: (bytes: number) => Effect.Effect<ReadonlyArray<Entry>, StoreError>
}

/** The driver failed. After a failed commit nothing it says can be trusted until it was opened anew. */
export class StoreError extends Data.TaggedError("StoreError")<{
  readonly operation: "commit" | "get" | "scan" | "open"
  readonly reason: string
}> {}

export interface BlockStore {
  readonly commit: (write: StoreWrite) => Effect.Effect<void, StoreError>
  readonly get: (key: Uint8Array) => Effect.Effect<Uint8Array | undefined, StoreError>
  readonly scan: (range: KeyRange) => Effect.Effect<Cursor, StoreError, Scope.Scope>
  /**
   * The highest position known to have been acknowledged; kept apart from the entries, to notice when their end is lost.
   * Null when it cannot be read.
   */
  readonly acknowledged: Effect.Effect<number | null>
  readonly acknowledge: (position: number) => Effect.Effect<void>
  /** About how many bytes on the medium the entries of a range take. */
  readonly bytesIn: (range: KeyRange) => Effect.Effect<number, StoreError>
  readonly bytesOnDisk: Effect.Effect<number>
}

/** Opens the store anew each time; closing the scope closes it. */
export interface StoreDriver {
  readonly open: Effect.Effect<BlockStore, LogUnopenable, Scope.Scope>
  /** Room on the medium, or null where that has no meaning. */
  readonly freeBytes: Effect.Effect<number | null>
  /** Gives up the reserve kept for re-opening on a full medium, or takes it back. */
  readonly reserve: { readonly release: Effect.Effect<void>; readonly restore: Effect.Effect<void> }
}
