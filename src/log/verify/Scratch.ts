// A log's files once more, in a scratch directory: LevelDB rewrites files even when it is only opened and closed, so the originals are never opened.

import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { Effect, type Scope } from "effect"
import { LogUnopenable } from "../EventLog.ts"
import * as DirectoryLock from "../level/DirectoryLock.ts"
import { lockedBy } from "../level/locks.ts"
import { levelOf, watermarkOf } from "../level/LogDirectory.ts"
import * as Marker from "../level/Marker.ts"
import { checkTable } from "./tables.ts"

/** The log's own directory: what was named, or the folder `log` in a data directory. */
export const locate = (directory: string): Effect.Effect<string, LogUnopenable> =>
  Effect.tryPromise({
    try: async () => {
      const named = resolve(directory)
      for (const path of [named, join(named, "log")]) {
        if ((await exists(Marker.fileOf(path))) || (await exists(levelOf(path)))) return path
      }
      throw new Error("there is no log of Annalist in it")
    },
    catch: (cause) => unopenable(directory, cause),
  })

/** Refuses a log that an agent holds: what is copied while it is written may fit together badly. */
export const refuseHeld = (directory: string): Effect.Effect<void, LogUnopenable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* DirectoryLock.acquire(directory)
    const pid = yield* lockedBy(join(levelOf(directory), "LOCK"))
    if (pid !== null) yield* DirectoryLock.heldBy(directory, `process ${pid}`)
  })

export interface Scratch {
  readonly path: string
  /** Tables that are not what LevelDB wrote, with the number of their damaged blocks; in the copy these are marked. */
  readonly damagedTables: ReadonlyArray<{ readonly name: string; readonly blocks: number }>
}

/** Gone with the scope. */
export const make = (directory: string): Effect.Effect<Scratch, LogUnopenable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => folderBeside(directory), catch: (cause) => unopenable(directory, cause) }),
      (scratch) => Effect.promise(() => rm(scratch, { recursive: true, force: true })),
    )
    const damagedTables = yield* Effect.tryPromise({
      try: () => fill(directory, path),
      catch: (cause) => unopenable(directory, cause),
    })
    return { path, damagedTables }
  })

/** Beside the log, so that tables can be hard-linked; elsewhere when nothing may be written there. */
const folderBeside = async (directory: string): Promise<string> => {
  const name = `.${basename(directory)}.scratch-`
  return mkdtemp(join(dirname(directory), name)).catch(() => mkdtemp(join(tmpdir(), "annalist-scratch-")))
}

const fill = async (directory: string, scratch: string): Promise<Scratch["damagedTables"]> => {
  await mkdir(levelOf(scratch))
  for (const path of [Marker.fileOf, watermarkOf]) await copyFile(path(directory), path(scratch)).catch(ignoreAbsent)
  const names = await readdir(levelOf(directory))
  const place = renumbered(names)
  const damaged: Array<{ readonly name: string; readonly blocks: number }> = []
  for (const name of names) {
    const to = place(name)
    if (to === null) continue
    const source = join(levelOf(directory), name)
    const target = join(levelOf(scratch), to)
    const check = isTable(name) ? checkTable(await readFile(source)) : null
    if (check !== null) {
      damaged.push({ name, blocks: check.damagedBlocks })
      await writeFile(target, check.defused)
    } else if (isTable(name)) {
      // LevelDB never changes a table; everything else is copied because it may be appended to.
      await link(source, target).catch(() => copyFile(source, target))
    } else await copyFile(source, target)
  }
  const fence = place(FENCE)
  if (fence !== null) await writeFile(join(levelOf(scratch), fence), "")
  return damaged
}

const FENCE = "fence"

/**
 * A damaged MANIFEST may make LevelDB give a new table the number of an existing one, and so write into a hard-linked
 * original. Write-ahead files are replayed in order and their numbers are taken as used: an empty one with a number
 * above all others comes first, the real ones after it, and every new file is numbered beyond what exists.
 */
const renumbered = (names: ReadonlyArray<string>): ((name: string) => string | null) => {
  const numberOf = (name: string) => Number(/(\d+)/.exec(name)?.[1] ?? 0)
  const highest = Math.max(0, ...names.map(numberOf))
  const journals = names.filter((name) => name.endsWith(".log")).sort((one, other) => numberOf(one) - numberOf(other))
  const padded = (number: number) => `${String(number).padStart(6, "0")}.log`
  return (name) => {
    if (name === "LOCK" || name.startsWith("LOG")) return null
    if (name === FENCE) return padded(highest + 1)
    const journal = journals.indexOf(name)
    return journal < 0 ? name : padded(highest + 2 + journal)
  }
}

const isTable = (name: string): boolean => name.endsWith(".ldb") || name.endsWith(".sst")

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const ignoreAbsent = (cause: NodeJS.ErrnoException): void => {
  if (cause.code !== "ENOENT") throw cause
}

const unopenable = (directory: string, cause: unknown): LogUnopenable =>
  new LogUnopenable({
    reason: `${directory}: ${cause instanceof Error ? cause.message : String(cause)}`,
    advice: "name a data directory of Annalist that can be read",
  })
