// The log on disk: one LevelDB in a directory of its own, held by one agent.

import { realpath } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { Effect, Layer, type Scope } from "effect"
import * as LogCore from "../core/LogCore.ts"
import { contextOf, type OpenLog } from "../core/OpenLog.ts"
import type { LogUnopenable } from "../EventLog.ts"
import type { BlockStore, StoreDriver } from "../store/BlockStore.ts"
import * as Ballast from "./Ballast.ts"
import * as DirectoryLock from "./DirectoryLock.ts"
import * as LevelStore from "./LevelStore.ts"
import * as LogDirectory from "./LogDirectory.ts"
import * as Watermark from "./Watermark.ts"

export interface Options extends LogCore.LogOptions {
  /** The log's own directory; made when it is not there. */
  readonly directory: string
  /** Disk space kept in reserve for opening anew on a full disk. */
  readonly ballastBytes?: number
}

const BALLAST_BYTES = 16 * 1024 * 1024

export const layer = (options: Options): Layer.Layer<OpenLog, LogUnopenable> =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const directory = yield* settle(options.directory)
      yield* DirectoryLock.acquire(directory)
      yield* LogDirectory.ensure(directory)
      const core = yield* LogCore.make(driverOf(directory, options.ballastBytes ?? BALLAST_BYTES), options)
      return yield* contextOf(core)
    }),
  )

/** One name for one directory, whatever links lead to it; the directory itself may not be there yet. */
const settle = (directory: string): Effect.Effect<string> => {
  const path = resolve(directory)
  return Effect.promise(async () => {
    const parent = await realpath(dirname(path)).catch(() => dirname(path))
    return realpath(path).catch(() => join(parent, basename(path)))
  })
}

const driverOf = (directory: string, ballastBytes: number): StoreDriver => ({
  open: openStore(directory),
  ...Ballast.make(LogDirectory.ballastOf(directory), directory, ballastBytes),
})

const openStore = (directory: string): Effect.Effect<BlockStore, LogUnopenable, Scope.Scope> =>
  Effect.gen(function* () {
    const watermark = yield* Watermark.open(LogDirectory.watermarkOf(directory))
    const level = yield* LevelStore.openLevel(LogDirectory.levelOf(directory), { createIfMissing: false })
    yield* DirectoryLock.writeHolder(directory)
    return LevelStore.make(level, watermark)
  })
