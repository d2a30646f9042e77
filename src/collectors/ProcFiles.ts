// Small kernel files below a root, read with one system call each into one reused buffer.

import { closeSync, openSync, readdirSync, readSync } from "node:fs"

/**
 * The bytes are good until the next read. These files are made by the kernel in one go, so one read gets all of
 * them that fits; what is wanted of larger ones (/proc/stat) stands at their beginning.
 */
export interface ProcFiles {
  readonly root: string
  readonly bytes: Buffer
  /** How many bytes the file gave. Throws what the system says: the file is gone, or not ours to read. */
  readonly read: (path: string) => number
  /** The same as text. */
  readonly text: (path: string) => string
  /** Empty for what is gone, not ours to read, or unknown to this kernel. */
  readonly textIfThere: (path: string) => string
  /** For what people named: whatever is not UTF-8 in it reads as U+FFFD. */
  readonly textUtf8: (path: string) => string
  /** Every number among the names in the root: the processes. */
  readonly pids: () => ReadonlyArray<number>
}

const bufferBytes = 64 * 1024

export const make = (root: string): ProcFiles => {
  const bytes = Buffer.allocUnsafeSlow(bufferBytes)
  const read = (path: string) => {
    const file = openSync(`${root}/${path}`, "r")
    try {
      return readSync(file, bytes, 0, bufferBytes, 0)
    } finally {
      closeSync(file)
    }
  }
  return {
    root,
    bytes,
    read,
    text: (path) => bytes.toString("latin1", 0, read(path)),
    textIfThere: (path) => {
      try {
        return bytes.toString("latin1", 0, read(path))
      } catch {
        return ""
      }
    },
    textUtf8: (path) => bytes.toString("utf8", 0, read(path)),
    pids: () => {
      const pids: Array<number> = []
      for (const name of readdirSync(root)) if (isDigits(name)) pids.push(Number(name))
      return pids
    },
  }
}

/** Null for a file that is gone or not ours to read; anything else is a failure of the whole look. */
export const readIfThere = (files: ProcFiles, path: string): number | null => {
  try {
    return files.read(path)
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return null
    throw error
  }
}

/** Whether a failed read means that the process has ended: its files vanish, or answer "no such process". */
const isGone = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === "ENOENT" || code === "ESRCH"
}

/** Another user's process, or a /proc mounted with hidepid. */
const isForbidden = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === "EACCES" || code === "EPERM"
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null

const isDigits = (name: string): boolean => {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    if (code < 48 || code > 57) return false
  }
  return name.length > 0
}
