// What stays of telemetry that has aged: summaries that its projections made before it went.

import { Context, type Effect } from "effect"
import type { AppendError, LogUnavailable } from "./EventLog.ts"

export interface Rollup {
  /** Ordered bytes of the projection's choosing; the name of the projection first, so that none meets another's. */
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export class Rollups extends Context.Tag("annalist/Rollups")<
  Rollups,
  {
    /** Null when there is none, or when it is damaged. */
    readonly get: (key: Uint8Array) => Effect.Effect<Uint8Array | null, LogUnavailable>
    /** In order of key, `until` exclusive; about so many bytes at most. Damaged ones are left out. */
    readonly scan: (
      from: Uint8Array,
      until: Uint8Array,
      bytes: number,
    ) => Effect.Effect<ReadonlyArray<Rollup>, LogUnavailable>
    /** All of it or none, and durable when it returns. */
    readonly save: (puts: ReadonlyArray<Rollup>, deletes: ReadonlyArray<Uint8Array>) => Effect.Effect<void, AppendError>
  }
>() {}
