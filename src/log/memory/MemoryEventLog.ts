// The log in memory: for tests, replays and opened session files.

import { Context, Effect, Layer } from "effect"
import { Checkpoints } from "../Checkpoints.ts"
import * as LogCore from "../core/LogCore.ts"
import * as StoredCheckpoints from "../core/StoredCheckpoints.ts"
import { EventLog, type LogUnopenable } from "../EventLog.ts"
import * as MemoryStore from "./MemoryStore.ts"

export interface Options extends LogCore.LogOptions {
  /** Bytes that outlive this log: opened again, they are the same log. */
  readonly medium?: MemoryStore.Medium
}

export const layer = (options: Options = {}): Layer.Layer<EventLog | Checkpoints, LogUnopenable> =>
  Layer.scopedContext(
    Effect.map(LogCore.make(MemoryStore.driver(options.medium ?? MemoryStore.medium()), options), (core) =>
      Context.make(EventLog, core.log).pipe(Context.add(Checkpoints, StoredCheckpoints.make(core))),
    ),
  )
