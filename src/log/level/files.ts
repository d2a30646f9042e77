// What the log does to plain files: sizes, and writes that survive a power cut.

import { open, readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"

/** The sum of a directory's files; one that vanishes meanwhile counts nothing. */
export const directoryBytes = (directory: string): Effect.Effect<number> =>
  Effect.promise(async () => {
    const names = await readdir(directory).catch(() => [])
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(directory, name)).then(
          (file) => file.size,
          () => 0,
        ),
      ),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  })

export const writeSynced = async (path: string, content: string | Uint8Array): Promise<void> => {
  const file = await open(path, "w", 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A name in a directory is durable once the directory itself is synced. */
export const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, "r")
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

export const syncParent = (path: string): Promise<void> => syncDirectory(dirname(path))
