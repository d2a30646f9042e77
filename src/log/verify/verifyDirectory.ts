// Checks a log on disk from end to end without changing a byte of it: hashes the files, then opens a scratch copy only.

import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join, relative } from "node:path"
import { pipeline } from "node:stream/promises"
import { ClassicLevel } from "classic-level"
import { Effect, Either, type Scope } from "effect"
import { LogUnopenable } from "../EventLog.ts"
import * as LevelStore from "../level/LevelStore.ts"
import { ballastOf, levelOf, watermarkOf } from "../level/LogDirectory.ts"
import * as Marker from "../level/Marker.ts"
import * as Watermark from "../level/Watermark.ts"
import type { BlockStore } from "../store/BlockStore.ts"
import { inspect } from "./inspect.ts"
import * as Scratch from "./Scratch.ts"
import type { FileDigest, Finding, Verification } from "./Verification.ts"

export interface VerifyOptions {
  /** Told the number of blocks checked so far. */
  readonly onProgress?: (blocks: number) => Effect.Effect<void>
}

/** Takes the log's directory or the data directory around it; refuses one that an agent holds. */
export const verifyDirectory = (
  directory: string,
  options: VerifyOptions = {},
): Effect.Effect<Verification, LogUnopenable> =>
  Effect.scoped(
    Effect.gen(function* () {
      const path = yield* Scratch.locate(directory)
      yield* Scratch.refuseHeld(path)
      const files = yield* digestAll(path)
      const marker = yield* markerFindings(path)
      const { store, findings } = yield* openScratch(path)
      let blocks = 0
      const inspection = yield* inspect(store, (more) => {
        blocks += more
        return options.onProgress?.(blocks) ?? Effect.void
      }).pipe(Effect.mapError((error) => new LogUnopenable({ reason: error.reason, advice: "restore a backup" })))
      const changed = changedFindings(files, yield* digestAll(path))
      const damage = [...marker, ...findings, ...inspection.damage, ...changed]
      return { directory: path, ...inspection, damage, files, intact: damage.length === 0 }
    }),
  )

/** Opens a scratch copy; where LevelDB cannot, it is repaired there, and what is missing then shows in the inspection. */
export const openScratch = (
  path: string,
): Effect.Effect<
  { readonly store: BlockStore; readonly findings: ReadonlyArray<Finding> },
  LogUnopenable,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const { path: scratch, damagedTables } = yield* Scratch.make(path)
    const tables = damagedTables.map(({ name, blocks }) => ({
      from: null,
      to: null,
      reason: `${blocks} blocks of level/${name} are damaged`,
    }))
    const watermark = yield* Watermark.openReadOnly(watermarkOf(scratch))
    const first = yield* Effect.either(LevelStore.openLevel(levelOf(scratch), { createIfMissing: false }))
    if (Either.isRight(first)) return { store: LevelStore.make(first.right, watermark), findings: tables }
    const reason = `LevelDB cannot open it as it is: ${first.left.reason}`
    yield* Effect.tryPromise({
      try: () => ClassicLevel.repair(levelOf(scratch)),
      catch: (cause) =>
        new LogUnopenable({
          reason: `${reason}; nor can it be repaired: ${String(cause)}`,
          advice: "restore a backup",
        }),
    })
    const level = yield* LevelStore.openLevel(levelOf(scratch), { createIfMissing: false })
    return { store: LevelStore.make(level, watermark), findings: [{ ...nowhere, reason }, ...tables] }
  })

const nowhere = { from: null, to: null }

const markerFindings = (path: string): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.match(Marker.read(path), {
    onFailure: ({ reason }) => [{ from: null, to: null, reason }],
    onSuccess: (marker) =>
      marker === null ? [{ from: null, to: null, reason: "the marker file ANNALIST is missing" }] : [],
  })

const digestAll = (path: string): Effect.Effect<ReadonlyArray<FileDigest>, LogUnopenable> =>
  Effect.tryPromise({
    try: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      const own = paths.filter((file) => file !== ballastOf(path)).sort()
      const digests: Array<FileDigest> = []
      for (const file of own) digests.push(await digest(path, file))
      return digests
    },
    catch: (cause) =>
      new LogUnopenable({ reason: `${path}: ${String(cause)}`, advice: "check its owner and permissions" }),
  })

const digest = async (path: string, file: string): Promise<FileDigest> => {
  const hash = createHash("sha256")
  await pipeline(createReadStream(file), hash)
  return { name: relative(path, file), bytes: (await stat(file)).size, sha256: hash.digest("hex") }
}

const changedFindings = (
  before: ReadonlyArray<FileDigest>,
  after: ReadonlyArray<FileDigest>,
): ReadonlyArray<Finding> => {
  const then = new Map(before.map(({ name, sha256 }) => [name, sha256]))
  const changed = after.filter(({ name, sha256 }) => then.get(name) !== sha256)
  return changed.map(({ name }) => ({ from: null, to: null, reason: `${name} changed while it was checked` }))
}
