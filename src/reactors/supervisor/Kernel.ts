// What the kernel says about processes: who lives, whose child each is, and which carry the marker of a managed one.

import { readdirSync, readFileSync } from "node:fs"
import type { ProcessId } from "../../domain/Brands.ts"

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
  readonly nameOf: (pid: number) => string | null
  /** All descendants at this moment, found from the top down: cheap, but a sibling of one that ends meanwhile may be missed. */
  readonly below: (pid: number) => ReadonlyArray<KernelProcess>
  /** Everybody, as of this moment or a little before: many who ask at once share one look. */
  readonly all: () => ReadonlyArray<KernelProcess>
  /** Which of them carry the marker of this process, as far as their environment is ours to read. */
  readonly carriers: (process: ProcessId) => ReadonlySet<number>
}

/** Stands in the environment of a managed process and so of its whole tree: whoever escapes from the tree can be found by it. */
export const markerName = "ANNALIST_PROCESS"

/** A shared look is good for this long, and for so many times what it took: looking never fills the agent's time. */
const lookMillis = 5
const lookRest = 4

/** PF_KTHREAD, of the flags in field 9. */
const kernelThreadFlag = 0x00200000

export const make = (root = "/proc"): Kernel => {
  const find = (pid: number) => {
    const text = contents(`${root}/${pid}/stat`)
    return text === null ? null : parseStat(text)
  }
  const all = shared(() => names(root).flatMap((name) => (/^\d+$/.test(name) ? (find(Number(name)) ?? []) : [])))
  const childrenOf = (pid: number): ReadonlyArray<number> =>
    names(`${root}/${pid}/task`).flatMap((thread) => numbersIn(contents(`${root}/${pid}/task/${thread}/children`)))
  /** Absent where the kernel was built without it. */
  const tellsChildren = contents(`${root}/thread-self/children`) !== null
  const below = (pid: number): ReadonlyArray<KernelProcess> => {
    if (!tellsChildren) return all()
    const children = childrenOf(pid).flatMap((child) => find(child) ?? [])
    return [...children, ...children.flatMap((child) => below(child.pid))]
  }
  const carriers = shared(() => {
    const found = new Map<string, Set<number>>()
    for (const { pid, isKernelThread } of all()) {
      const value = isKernelThread ? null : markerIn(contents(`${root}/${pid}/environ`))
      if (value !== null) found.set(value, (found.get(value) ?? new Set()).add(pid))
    }
    return found
  })
  return {
    bootId: contents(`${root}/sys/kernel/random/boot_id`)?.trim() ?? null,
    find,
    nameOf: (pid) => contents(`${root}/${pid}/comm`, "utf8")?.trimEnd() ?? null,
    below,
    all,
    carriers: (process) => carriers().get(process) ?? none,
  }
}

const none: ReadonlySet<number> = new Set()

/** Of an environment nothing else is kept: it is full of others' secrets. */
const markerIn = (environment: string | null): string | null => {
  const start = `\0${environment ?? ""}`.indexOf(`\0${markerName}=`)
  if (environment === null || start < 0) return null
  const from = start + markerName.length + 1
  const end = environment.indexOf("\0", from)
  return Buffer.from(environment.slice(from, end < 0 ? undefined : end), "latin1").toString()
}

/** Lets many who ask at once have one look. */
const shared = <A>(look: () => A): (() => A) => {
  let last: { readonly seen: A; readonly goodUntil: number } | null = null
  return () => {
    const start = performance.now()
    if (last !== null && start < last.goodUntil) return last.seen
    const seen = look()
    const end = performance.now()
    last = { seen, goodUntil: end + Math.max(lookMillis, (end - start) * lookRest) }
    return seen
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

const names = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    // As with contents: it is gone.
    return []
  }
}

const numbersIn = (text: string | null): ReadonlyArray<number> =>
  (text ?? "").split(" ").flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : []))

/** Null for what is gone (before or in the middle of the reading) and for what is not ours to read. */
const contents = (path: string, encoding: "latin1" | "utf8" = "latin1"): string | null => {
  try {
    return readFileSync(path, encoding)
  } catch {
    // ENOENT, ESRCH, EACCES: all three mean that nothing is known of that process.
    return null
  }
}
