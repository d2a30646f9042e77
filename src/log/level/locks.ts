// Who holds a file's lock, without touching the file: reading a LevelDB's LOCK inside its holder would drop the lock.

import { readFile, stat } from "node:fs/promises"
import { Effect } from "effect"

/** The kernel's list of locks names device and inode; null when nobody there holds the file, or nothing can be told. */
export const lockedBy = (path: string): Effect.Effect<number | null> =>
  Effect.promise(async () => {
    const [locks, file] = await Promise.all([
      readFile("/proc/locks", "utf8").catch(() => ""),
      stat(path).catch(() => null),
    ])
    if (file === null) return null
    const place = new RegExp(String.raw`POSIX\s+\S+\s+WRITE\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:${file.ino}\s`)
    const pid = place.exec(locks)?.[1]
    return pid === undefined ? null : Number(pid)
  })
