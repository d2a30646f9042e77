// A log's directory: what lies where, and how it comes to be — aside, synced, renamed — so that no crash leaves half a log.

import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { Clock, Effect } from "effect"
import * as Lineage from "../core/Lineage.ts"
import { LogUnopenable } from "../EventLog.ts"
import type { StoreWrite } from "../store/BlockStore.ts"
import { syncDirectory, syncParent, writeSynced } from "./files.ts"
import { commitTo, type Level, messageOf, openLevel } from "./LevelStore.ts"
import * as Marker from "./Marker.ts"
import * as Watermark from "./Watermark.ts"

export const levelOf = (directory: string): string => join(directory, "level")
export const watermarkOf = (directory: string): string => join(directory, "acknowledged")
export const ballastOf = (directory: string): string => join(directory, "ballast")

/** Returns once the directory holds a log: the one that was there, or a new one. */
export const ensure = (directory: string): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    const path = resolve(directory)
    if ((yield* Marker.read(path)) !== null) return yield* refuseHeadless(path)
    yield* refuseOccupied(path)
    const first = { puts: [Lineage.entryOf(Lineage.begin())], deletes: [] }
    yield* create(
      path,
      () => Effect.void,
      () => first,
      () => 0,
    )
  })

/** LevelDB finds out only after it has moved its own files about. */
const refuseHeadless = (path: string): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    const names = yield* attempt(path, () => namesIn(levelOf(path)))
    if (names.includes("CURRENT")) return
    yield* new LogUnopenable({
      reason: `${path} has lost files: ${levelOf(path)}/CURRENT is missing; nothing was changed`,
      advice: "run 'annalist verify' on the data directory; with '--repair-copy NEW_DIR' it saves what is whole",
    })
  })

/** A new log is made only where nothing is. */
export const refuseOccupied = (path: string): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    const names = yield* attempt(path, () => namesIn(path))
    if (names.length === 0) return
    yield* new LogUnopenable({
      reason: `${path} is not empty and no log of Annalist`,
      advice: "name another data directory; nothing was changed in this one",
    })
  })

/**
 * LevelDB's first files are not safe from a power cut before its first synced write, so a log is filled under another
 * name and becomes visible, whole, by one rename. `last` is written when everything else is there.
 */
export const create = (
  path: string,
  fill: (level: Level) => Effect.Effect<void, LogUnopenable>,
  last: () => StoreWrite,
  acknowledged: () => number,
): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    const aside = `${path}.creating`
    yield* attempt(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      // Left over from a creation that a crash cut short.
      await rm(aside, { recursive: true, force: true })
      await mkdir(aside, { mode: 0o700 })
    })
    yield* publish(path, aside, fill, last, acknowledged).pipe(
      Effect.onError(() => Effect.promise(() => rm(aside, { recursive: true, force: true }).catch(() => undefined))),
    )
  })

const publish = (
  path: string,
  aside: string,
  fill: (level: Level) => Effect.Effect<void, LogUnopenable>,
  last: () => StoreWrite,
  acknowledged: () => number,
): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const level = yield* openLevel(levelOf(aside), { createIfMissing: true })
        yield* fill(level)
        yield* Effect.mapError(commitTo(level, last()), (error) => unopenable(path, new Error(error.reason)))
      }),
    )
    const created = new Date(yield* Clock.currentTimeMillis).toISOString()
    yield* attempt(path, async () => {
      await writeSynced(watermarkOf(aside), Watermark.encode(acknowledged()))
      await writeSynced(Marker.fileOf(aside), Marker.encode(created))
      await syncDirectory(levelOf(aside))
      await syncDirectory(aside)
      await rename(aside, path)
      await syncParent(path)
    })
  })

const namesIn = async (path: string): Promise<ReadonlyArray<string>> => {
  const there = await stat(path).catch(() => null)
  return there === null ? [] : readdir(path)
}

const attempt = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, LogUnopenable> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => unopenable(path, cause),
  })

const unopenable = (path: string, cause: unknown): LogUnopenable =>
  new LogUnopenable({ reason: `${path}: ${messageOf(cause)}`, advice: adviceFor(cause) })

const adviceFor = (cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : ""
  if (code === "ENOSPC" || code === "EDQUOT") return "make room on the disk, then start again"
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return "make the directory writable for this user, or name another one"
  return "check the path of the data directory"
}
