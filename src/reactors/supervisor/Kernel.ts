// What the kernel says about processes: who lives, whose child each is, and which carry the marker of a managed one.

import { readdirSync, readFileSync } from "node:fs"

export interface KernelProcess {
  readonly pid: number
  readonly parentPid: number
  readonly group: number
  readonly session: number
  /** R, S, D, T, Z, X … */
  readonly state: string
  readonly isKernelThread: boolean
  readonly startTicks: number
}

export interface Kernel {
  /** Changes with every boot of the host. */
  readonly bootId: string | null
  /** Null when there is no such process, a zombie included only while nobody has reaped it. */
  readonly find: (pid: number) => KernelProcess | null
  readonly all: () => ReadonlyArray<KernelProcess>
  /** Whether the process was started with this entry in its environment; false for what is not ours to read. */
  readonly carries: (pid: number, entry: string) => boolean
}

/** PF_KTHREAD, of the flags in field 9. */
const kernelThreadFlag = 0x00200000

export const make = (root = "/proc"): Kernel => {
  const find = (pid: number) => {
    const text = contents(`${root}/${pid}/stat`)
    return text === null ? null : parseStat(text)
  }
  return {
    bootId: contents(`${root}/sys/kernel/random/boot_id`)?.trim() ?? null,
    find,
    all: () =>
      readdirSync(root).flatMap((name) => {
        const found = /^\d+$/.test(name) ? find(Number(name)) : null
        return found === null ? [] : [found]
      }),
    carries: (pid, entry) => {
      const text = contents(`${root}/${pid}/environ`)
      return text !== null && `\0${text}`.includes(`\0${Buffer.from(entry).toString("latin1")}\0`)
    },
  }
}

/** A zombie has ended; only its parent has not yet asked how. */
export const isAlive = (process: KernelProcess | null): process is KernelProcess =>
  process !== null && process.state !== "Z" && process.state !== "X"

/** Null for what is no stat line. The name in it may hold any byte, so that fields are counted from the last parenthesis. */
export const parseStat = (text: string): KernelProcess | null => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const field = (number: number) => Number(fields[number - 3])
  const pid = Number.parseInt(text, 10)
  const startTicks = field(22)
  if (Number.isNaN(pid) || Number.isNaN(startTicks)) return null
  return {
    pid,
    parentPid: field(4),
    group: field(5),
    session: field(6),
    state: fields[0] ?? "",
    isKernelThread: (field(9) & kernelThreadFlag) !== 0,
    startTicks,
  }
}

/** The process itself and everybody above it, as far as can be seen. */
export const lineage = (kernel: Kernel, pid: number): ReadonlySet<number> => {
  const seen = new Set<number>()
  for (let next = pid; next > 0 && !seen.has(next); next = kernel.find(next)?.parentPid ?? 0) seen.add(next)
  return seen
}

/** Null for what is gone (before or in the middle of the reading) and for what is not ours to read. */
const contents = (path: string): string | null => {
  try {
    return readFileSync(path, "latin1")
  } catch {
    // ENOENT, ESRCH, EACCES: all three mean that nothing is known of that process.
    return null
  }
}
