// The rules that keep a signal from reaching the wrong process, each with the reason that is written down.

import type { KernelProcess } from "./Kernel.ts"

export interface Target {
  readonly pid: number
  /** Who the pid belonged to when the signal was meant for it; null when any owner is meant. */
  readonly startTicks: number | null
  /** Who it belongs to now; null when nobody. */
  readonly found: KernelProcess | null
}

/** Why this process must not be signalled; null when it may. `lineage` is the agent and all its ancestors. */
export const refusal = (target: Target, lineage: ReadonlySet<number>): string | null => {
  const { pid, startTicks, found } = target
  if (!Number.isSafeInteger(pid) || pid <= 1) return `pid ${pid} is not a process that may be signalled`
  if (lineage.has(pid)) return `pid ${pid} is the agent itself or one of its ancestors`
  if (found === null) return `no process has the pid ${pid}`
  if (found.isKernelThread) return `pid ${pid} is a kernel thread`
  if (startTicks !== null && found.startTicks !== startTicks) {
    return `pid ${pid} belongs to another process now (started at tick ${found.startTicks}, not ${startTicks})`
  }
  return null
}

/** The same for a whole group, whose leader may be dead while its members live. */
export const groupRefusal = (group: number, lineage: ReadonlySet<number>): string | null => {
  if (!Number.isSafeInteger(group) || group <= 1) return `group ${group} is not one that may be signalled`
  return lineage.has(group) ? `group ${group} is led by the agent itself or one of its ancestors` : null
}
