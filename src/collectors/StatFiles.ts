// /proc/<pid>/stat of every process, kept open from look to look: reading an open one costs half of opening it anew.

import { closeSync, openSync, readSync } from "node:fs"

/** An open stat file belongs to the process and not to its pid: once the process is gone it answers nothing any more. */
export interface StatFiles {
  readonly bytes: Buffer
  /** How many bytes the file gave; 0 for a process that is gone, or not ours to look at. */
  readonly read: (pid: number) => number
  /** Closes the files of those who were not read since the last call. */
  readonly sweep: () => void
  readonly close: () => void
}

/** Files beyond these are opened for each look: the agent leaves room for its sockets. */
const keptMost = 2048
const lineBytes = 1024

interface Kept {
  readonly file: number
  used: boolean
}

export const make = (root: string): StatFiles => {
  const bytes = Buffer.allocUnsafeSlow(lineBytes)
  const kept = new Map<number, Kept>()
  const reread = (pid: number): number => {
    const known = kept.get(pid)
    if (known === undefined) return 0
    known.used = true
    try {
      return readSync(known.file, bytes, 0, lineBytes, 0)
    } catch {
      // ESRCH: the process of this file is gone; its pid may be another's by now.
      kept.delete(pid)
      closeSync(known.file)
      return 0
    }
  }
  const open = (pid: number): number => {
    const file = openSync(`${root}/${pid}/stat`, "r")
    try {
      return readSync(file, bytes, 0, lineBytes, 0)
    } finally {
      if (kept.size < keptMost) kept.set(pid, { file, used: true })
      else closeSync(file)
    }
  }
  return {
    bytes,
    read: (pid) => {
      const length = reread(pid)
      if (length > 0) return length
      try {
        return open(pid)
      } catch {
        // ENOENT and ESRCH: it ended. EACCES and EPERM: another user's, or /proc is mounted with hidepid.
        return 0
      }
    },
    sweep: () => {
      for (const [pid, one] of kept) {
        if (!one.used) {
          kept.delete(pid)
          closeSync(one.file)
        }
        one.used = false
      }
    },
    close: () => {
      for (const one of kept.values()) closeSync(one.file)
      kept.clear()
    },
  }
}
