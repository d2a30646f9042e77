// /proc/<pid>/stat of every process, kept open from look to look: reading an open one costs half of opening it anew.

import { closeSync, openSync, readFileSync, readSync } from "node:fs"

/** An open stat file belongs to the process and not to its pid: once the process is gone it answers nothing any more. */
export interface StatFiles {
  readonly bytes: Buffer
  /** How many bytes the file gave; 0 for a process that is gone, or not ours to look at. */
  readonly read: (pid: number) => number
  /**
   * Whether the first thread of a process has not run at all since this was last asked: the scheduler's account of it costs a quarter
   * of the stat file. False where that account is not kept.
   */
  readonly rested: (pid: number) => boolean
  /** Closes the files of those who were not read since the last call. */
  readonly sweep: () => void
  readonly close: () => void
}

const lineBytes = 1024

interface Kept {
  readonly file: number
  /** Its account at the scheduler; -1 where it cannot be had, null before it was wanted. */
  account: number | null
  /** Nanoseconds on a processor, as the account had it. */
  ranNanos: number
  used: boolean
}

/** Files beyond these are opened for each look: three quarters of what the system allows are left to sockets and the log. */
const roomFor = (root: string): number => {
  try {
    const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync(`${root}/self/limits`, "latin1"))?.[1] ?? 4096)
    return Math.min(8192, Math.floor(limit / 4))
  } catch {
    return 1024
  }
}

export const make = (root: string): StatFiles => {
  const bytes = Buffer.allocUnsafeSlow(lineBytes)
  const kept = new Map<number, Kept>()
  const room = roomFor(root)
  let files = 0
  const forget = (pid: number, one: Kept): void => {
    kept.delete(pid)
    closeSync(one.file)
    files--
    if (one.account === null || one.account < 0) return
    closeSync(one.account)
    files--
  }
  const reread = (pid: number): number => {
    const known = kept.get(pid)
    if (known === undefined) return 0
    known.used = true
    try {
      return readSync(known.file, bytes, 0, lineBytes, 0)
    } catch {
      // ESRCH: the process of this file is gone; its pid may be another's by now.
      forget(pid, known)
      return 0
    }
  }
  const accountOf = (pid: number, known: Kept): number => {
    if (known.account !== null) return known.account
    known.account = -1
    if (files >= room) return -1
    known.account = openSync(`${root}/${pid}/schedstat`, "r")
    files++
    return known.account
  }
  const rested = (pid: number): boolean => {
    const known = kept.get(pid)
    if (known === undefined) return false
    try {
      const account = accountOf(pid, known)
      if (account < 0) return false
      const ranNanos = leadingNumber(bytes, readSync(account, bytes, 0, lineBytes, 0))
      const isSame = ranNanos > 0 && ranNanos === known.ranNanos
      known.ranNanos = ranNanos
      known.used ||= isSame
      return isSame
    } catch {
      // No such file in this kernel, or the process is gone: the stat file tells which.
      return false
    }
  }
  const open = (pid: number): number => {
    const file = openSync(`${root}/${pid}/stat`, "r")
    try {
      return readSync(file, bytes, 0, lineBytes, 0)
    } finally {
      if (files < room) {
        kept.set(pid, { file, account: null, ranNanos: Number.NaN, used: true })
        files++
      } else closeSync(file)
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
    rested,
    sweep: () => {
      for (const [pid, one] of kept) {
        if (!one.used) forget(pid, one)
        one.used = false
      }
    },
    close: () => {
      for (const [pid, one] of kept) forget(pid, one)
    },
  }
}

const leadingNumber = (bytes: Buffer, length: number): number => {
  let value = 0
  for (let at = 0; at < length; at++) {
    const digit = (bytes[at] ?? 0) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}
