// A reserve of disk space: opening LevelDB anew needs room exactly when there is none, so a file is kept that can be given up.

import { rm, stat, statfs } from "node:fs/promises"
import { Effect } from "effect"
import type { StoreDriver } from "../store/BlockStore.ts"
import { writeSynced } from "./files.ts"

export const make = (path: string, directory: string, bytes: number): Pick<StoreDriver, "freeBytes" | "reserve"> => {
  const freeBytes = Effect.promise(() =>
    statfs(directory).then(
      ({ bavail, bsize }) => bavail * bsize,
      // A medium that does not tell is taken to have room; a full one shows in the next commit.
      () => null,
    ),
  )
  const release = Effect.promise(() => rm(path, { force: true }).catch(() => undefined))
  const restore = Effect.gen(function* () {
    const held = yield* Effect.promise(() =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    )
    const free = yield* freeBytes
    if (held >= bytes || free === null || free < 2 * bytes) return
    yield* Effect.promise(() => writeSynced(path, new Uint8Array(bytes)).catch(() => rm(path, { force: true })))
  })
  return { freeBytes, reserve: { release, restore } }
}
