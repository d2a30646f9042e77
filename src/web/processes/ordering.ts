// In which order processes stand: by a column, or each below its parent.

import type { MonitoredProcess } from "../../wire/monitor.ts"

export interface Sorting {
  readonly key: "name" | "pid" | "username" | "status" | "cpu_percent" | "memory_mb" | "num_threads" | "started_at"
  readonly isRising: boolean
}

export const sorted = (processes: ReadonlyArray<MonitoredProcess>, { key, isRising }: Sorting) =>
  processes.toSorted((one, other) => {
    const [a, b] = [one[key], other[key]]
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b))
    return (isRising ? order : -order) || one.pid - other.pid
  })

interface Placed {
  readonly process: MonitoredProcess
  readonly depth: number
}

/** Each process below its parent; those whose parent is not among them stand at the root. */
export const forested = (processes: ReadonlyArray<MonitoredProcess>): ReadonlyArray<Placed> => {
  const known = new Set(processes.map(({ pid }) => pid))
  const children = new Map<number, Array<MonitoredProcess>>()
  for (const process of sorted(processes, { key: "pid", isRising: true })) {
    const isRoot = process.parent_pid === null || !known.has(process.parent_pid) || process.parent_pid === process.pid
    const parent = isRoot ? 0 : (process.parent_pid ?? 0)
    const mine = children.get(parent) ?? []
    mine.push(process)
    children.set(parent, mine)
  }
  const placed: Array<Placed> = []
  const walk = (parent: number, depth: number): void => {
    for (const process of children.get(parent) ?? []) {
      placed.push({ process, depth })
      if (process.pid !== 0) walk(process.pid, depth + 1)
    }
  }
  walk(0, 0)
  return placed
}
