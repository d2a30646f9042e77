// The log in memory: for tests, replays and opened session files.

import { Effect, Layer } from "effect"
import * as LogCore from "../core/LogCore.ts"
import { contextOf, type OpenLog } from "../core/OpenLog.ts"
import type { LogUnopenable } from "../EventLog.ts"
import * as MemoryStore from "./MemoryStore.ts"

export interface Options extends LogCore.LogOptions {
  /** Bytes that outlive this log: opened again, they are the same log. */
  readonly medium?: MemoryStore.Medium
}

export const layer = (options: Options = {}): Layer.Layer<OpenLog, LogUnopenable> =>
  Layer.scopedContext(
    Effect.flatMap(LogCore.make(MemoryStore.driver(options.medium ?? MemoryStore.medium()), options), contextOf),
  )
