// What a process and all its descendants use together.

import { processCpuPercent, type Samples } from "./Samples.ts"

export interface TreeUse {
  readonly processes: number
  /** Of one core: 100 is one core full. */
  readonly cpuPercent: number
  readonly residentBytes: number
  readonly virtualBytes: number
  readonly readBytes: number
  readonly writtenBytes: number
  readonly threads: number
  readonly descriptors: number
  /** Of the network namespace that the root is in: all that the kernel tells of a process. */
  readonly receivedBytes: number | null
  readonly sentBytes: number | null
}

export type Children = ReadonlyMap<number, ReadonlyArray<number>>

/** Who is whose child among the sampled: once for many trees. */
export const childrenIn = ({ processes }: Samples): Children => {
  const children = new Map<number, Array<number>>()
  for (const { last } of processes.values()) {
    const siblings = children.get(last.counters.parentPid)
    if (siblings === undefined) children.set(last.counters.parentPid, [last.counters.pid])
    else siblings.push(last.counters.pid)
  }
  return children
}

/** null when the latest look did not see the very process that is meant. */
export const treeUse = (
  { processes }: Samples,
  root: { readonly pid: number; readonly startTicks: number },
  children: Children,
): TreeUse | null => {
  const own = processes.get(root.pid)?.last.counters
  if (own?.startTicks !== root.startTicks) return null
  const sum = {
    processes: 0,
    cpuPercent: 0,
    residentBytes: 0,
    virtualBytes: 0,
    readBytes: 0,
    writtenBytes: 0,
    threads: 0,
    descriptors: 0,
  }
  const open = [root.pid]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const series = processes.get(pid)
    if (series === undefined) continue
    const { counters } = series.last
    sum.processes++
    sum.cpuPercent += processCpuPercent(series) ?? 0
    sum.residentBytes += counters.residentBytes
    sum.virtualBytes += counters.virtualBytes
    sum.readBytes += counters.readBytes ?? 0
    sum.writtenBytes += counters.writtenBytes ?? 0
    sum.threads += counters.threads
    sum.descriptors += counters.descriptors ?? 0
    open.push(...(children.get(pid) ?? []))
  }
  return { ...sum, receivedBytes: own.receivedBytes ?? null, sentBytes: own.sentBytes ?? null }
}
