// Where routines lie: files as they are named, folders with all that they hold.

import { readdir, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"

const moduleEndings = new Set([".js", ".mjs", ".cjs", ".ts", ".mts"])
const mostFiles = 1000

export const isModule = (file: string): boolean => moduleEndings.has(path.extname(file)) && !file.endsWith(".d.ts")

/** In the order of their names. What is not there has no modules. */
export const find = (places: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(Effect.forEach(places, filesOf), (found) => Array.from(new Set(found.flat())).slice(0, mostFiles))

const filesOf = (place: string): Effect.Effect<ReadonlyArray<string>> => {
  const full = path.resolve(place)
  return Effect.tryPromise(async () => {
    const entry = await stat(full)
    if (!entry.isDirectory()) return [full]
    const names = await readdir(full)
    return names.toSorted().map((name) => path.join(full, name))
  }).pipe(Effect.catchAll(() => Effect.succeed([])))
}
