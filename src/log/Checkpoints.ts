// Where projections keep their states: bytes by name and version, at the position up to which they were folded.

import { Context, type Effect } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { AppendError, LogUnavailable } from "./EventLog.ts"

export interface Checkpoint {
  readonly position: Position
  readonly bytes: Uint8Array
}

export class Checkpoints extends Context.Tag("annalist/Checkpoints")<
  Checkpoints,
  {
    /** Durable when it returns. */
    readonly save: (
      name: string,
      version: number,
      position: Position,
      bytes: Uint8Array,
    ) => Effect.Effect<void, AppendError>
    /** The last whole one at or before a position; a damaged one is passed by. Null when there is none. */
    readonly nearest: (
      name: string,
      version: number,
      atOrBefore: Position,
    ) => Effect.Effect<Checkpoint | null, LogUnavailable>
    /** Drops every other version of a name, and all but the last `keep` of this one. */
    readonly prune: (name: string, version: number, keep: number) => Effect.Effect<void, AppendError>
  }
>() {}
