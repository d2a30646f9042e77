// The data directory of a live agent: made when it is not there, refused when it is somebody else's.

import { mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { Effect } from "effect"
import { type Failure, failed } from "./Failure.ts"

/** What an agent puts there; a folder with anything in it and none of these is not one of ours. */
const own: ReadonlySet<string> = new Set(["log", "processes"])

/** Returns the folders that were made for it, the innermost first. */
export const ensure = (data: string): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.try({
    try: () => {
      const made = make(data)
      const names = readdirSync(data)
      return { made, isOurs: names.length === 0 || names.some((name) => own.has(name)) }
    },
    catch: (error) => failed(`the data directory ${data} cannot be made: ${reasonOf(error)}; name another with --data`),
  }).pipe(
    Effect.flatMap(({ made, isOurs }) =>
      isOurs
        ? Effect.succeed(made)
        : failed(`${data} is not empty and holds no data of Annalist; name an empty or a new folder with --data`),
    ),
  )

/** Folder by folder: Node's own way to make several at once does not end where the kernel says that there is no such place. */
const make = (folder: string): ReadonlyArray<string> => {
  if (exists(folder)) return []
  const around = make(dirname(folder))
  // Output, environments and the log: nobody else's to read.
  mkdirSync(folder, { mode: 0o700 })
  return [folder, ...around]
}

/** Takes back what was made for an agent that then could not start; a folder that holds anything stays. */
export const withdraw = (made: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => made.forEach((folder) => rmdirSync(folder))))

const exists = (folder: string): boolean => {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) throw new Error(`${folder} is a file`)
  return found !== undefined
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  ENOENT: "there is no such place",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file stands in its way",
  EROFS: "the file system is read-only",
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ""] ?? message
}
