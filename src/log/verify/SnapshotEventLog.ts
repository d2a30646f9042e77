// A log on disk that no agent holds, as a read-only log: for `open`, `export` and `query`. The originals are never opened.

import { Effect, Layer } from "effect"
import * as LogCore from "../core/LogCore.ts"
import { contextOf, type OpenLog } from "../core/OpenLog.ts"
import { LogUnavailable, type LogUnopenable } from "../EventLog.ts"
import type { StoreDriver } from "../store/BlockStore.ts"
import * as LevelStore from "../level/LevelStore.ts"
import { levelOf, watermarkOf } from "../level/LogDirectory.ts"
import * as Watermark from "../level/Watermark.ts"
import * as Scratch from "./Scratch.ts"

export interface Options {
  /** The log's directory, or the data directory around it. */
  readonly directory: string
}

/** Checkpoints can be read and, for as long as the snapshot lives, saved; events cannot be appended. */
export const layer = ({ directory }: Options): Layer.Layer<OpenLog, LogUnopenable> =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const path = yield* Scratch.locate(directory)
      const scratch = yield* Effect.scoped(Effect.zipRight(Scratch.refuseHeld(path), Effect.succeed(path))).pipe(
        Effect.flatMap(Scratch.make),
      )
      const core = yield* LogCore.make(driverOf(scratch.path))
      const readOnly = new LogUnavailable({ reason: "an opened log is read-only", retryAfterMillis: 0 })
      const refuse = () => Effect.fail(readOnly)
      const log = { ...core.log, append: refuse, enqueue: refuse, observe: () => Effect.void }
      return yield* contextOf({ ...core, log })
    }),
  )

const driverOf = (scratch: string): StoreDriver => ({
  open: Effect.gen(function* () {
    const watermark = yield* Watermark.openReadOnly(watermarkOf(scratch))
    return LevelStore.make(yield* LevelStore.openLevel(levelOf(scratch), { createIfMissing: false }), watermark)
  }),
  freeBytes: Effect.succeed(null),
  reserve: { release: Effect.void, restore: Effect.void },
})
