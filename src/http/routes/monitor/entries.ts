// Processes of the host as seed 002 shows them, from the view at one moment.

import { cgroupNames } from "../../../domain/samples/cgroupNames.ts"
import * as HostProcesses from "../../../domain/samples/HostProcesses.ts"
import { hostCpuPercent } from "../../../domain/samples/Samples.ts"
import { hostProcesses } from "../../../projections/hostProcesses.ts"
import { samples } from "../../../projections/samples.ts"
import type { View } from "../../../projections/Views.ts"
import type { MonitoredProcess, ProcessDetailsAnswer, ProcessListAnswer, TreeAnswer } from "../../../wire/monitor.ts"

type Row = HostProcesses.HostProcess

/** What sampling can and cannot know; said with every answer. */
const exits = {
  sampled: "sampled: a process that began and ended between two samples is not seen",
  exact: "exact: a process that the agent started; its end is an event",
}

export const listAnswer = (
  view: View,
  asked: { readonly limit: number | null; readonly sortBy: "cpu" | "memory" },
): ProcessListAnswer => {
  const state = view.state(hostProcesses)
  const tops = asked.limit ?? 10
  const listed = asked.limit ?? 30
  const entryOf = entries(view)
  const byCpu = highest(state, listed, (row) => HostProcesses.cpuPercent(state, row)).map(entryOf)
  const byMemory = highest(state, listed, (row) => row.residentBytes).map(entryOf)
  const counts = { total_processes: state.total, zombie_count: HostProcesses.zombies(state) }
  const host = view.state(samples)
  const counters = host.host?.last.counters
  const used = counters === undefined ? 0 : counters.memoryTotalBytes - counters.memoryAvailableBytes
  return {
    timestamp: millisTime(state.at),
    top_cpu: byCpu.slice(0, tops),
    top_ram: byMemory.slice(0, tops),
    processes: asked.sortBy === "cpu" ? byCpu : byMemory,
    ...counts,
    system_stats: {
      cpu_percent: twoPlaces(hostCpuPercent(host) ?? 0),
      memory_percent: twoPlaces(share(used, counters?.memoryTotalBytes ?? 0)),
      ...counts,
    },
    sampling: {
      interval_seconds: state.beforeMicros === null ? null : twoPlaces((state.takenMicros - state.beforeMicros) / 1e6),
      exits: exits.sampled,
    },
  }
}

export const detailsAnswer = (view: View, row: Row, isManaged: boolean): ProcessDetailsAnswer => ({
  success: true,
  ...entries(view)(row),
  cwd: row.details?.workingDirectory ?? null,
  num_fds: row.details?.descriptors ?? null,
  connections: row.details?.connections ?? null,
  open_files: row.details?.openFiles ?? null,
  nice: row.facts.nice,
  exits: isManaged ? exits.exact : exits.sampled,
})

export const treeAnswer = (view: View, root: Row): TreeAnswer => {
  const state = view.state(hostProcesses)
  const parent = state.rows.get(root.facts.parentPid)
  const descendants = below(state, root.facts.pid)
  return {
    success: true,
    pid: root.facts.pid,
    name: root.facts.name,
    parent:
      parent === undefined ? null : { pid: parent.facts.pid, name: parent.facts.name, status: statusOf(parent.state) },
    children: descendants.map((row) => ({
      pid: row.facts.pid,
      name: row.facts.name,
      status: statusOf(row.state),
      cpu_percent: twoPlaces(HostProcesses.cpuPercent(state, row)),
      memory_mb: megabytes(row.residentBytes),
      parent_pid: row.facts.parentPid,
    })),
    total_children: descendants.length,
  }
}

/** Breadth first. A parent seen before its child's parent changed could make a ring: nobody is visited twice. */
const below = (state: HostProcesses.HostProcesses, root: number): ReadonlyArray<Row> => {
  const children = HostProcesses.childrenByParent(state)
  const found: Array<Row> = []
  const seen = new Set([root])
  const open = [root]
  for (let pid = open.shift(); pid !== undefined; pid = open.shift()) {
    for (const child of children.get(pid) ?? []) {
      if (seen.has(child.facts.pid)) continue
      seen.add(child.facts.pid)
      found.push(child)
      open.push(child.facts.pid)
    }
  }
  return found
}

/** The highest first; of equals the lower pid, so that an answer is the same every time. Nearly all are passed by at once. */
const highest = (state: HostProcesses.HostProcesses, most: number, by: (row: Row) => number): ReadonlyArray<Row> => {
  const found: Array<{ readonly row: Row; readonly height: number }> = []
  for (const row of state.rows.values()) {
    const height = by(row)
    let place = found.length
    for (let above = found[place - 1]; above !== undefined; above = found[place - 1]) {
      if (above.height > height || (above.height === height && above.row.facts.pid < row.facts.pid)) break
      place--
    }
    if (place === most) continue
    found.splice(place, 0, { row, height })
    if (found.length > most) found.pop()
  }
  return found.map(({ row }) => row)
}

const entries = (view: View) => {
  const state = view.state(hostProcesses)
  const memoryBytes = view.state(samples).host?.last.counters.memoryTotalBytes ?? 0
  return (row: Row): MonitoredProcess => ({
    pid: row.facts.pid,
    name: row.facts.name,
    username: row.facts.user ?? (row.facts.uid === null ? "unknown" : String(row.facts.uid)),
    cpu_percent: twoPlaces(HostProcesses.cpuPercent(state, row)),
    memory_percent: twoPlaces(share(row.residentBytes, memoryBytes)),
    memory_mb: megabytes(row.residentBytes),
    status: statusOf(row.state),
    started_at: millisTime(HostProcesses.startedAt(state, row.facts)),
    cmdline: row.facts.commandLine,
    num_threads: row.threads,
    parent_pid: row.facts.parentPid === 0 ? null : row.facts.parentPid,
    process_group: row.facts.group,
    ...cgroupNames(row.facts.cgroup),
  })
}

/** As psutil calls the kernel's letters. */
const statuses: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "disk-sleep",
  T: "stopped",
  t: "tracing-stop",
  Z: "zombie",
  X: "dead",
  I: "idle",
  P: "parked",
}

const statusOf = (letter: string): string => statuses[letter] ?? "unknown"

export const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole)

export const megabytes = (bytes: number): number => twoPlaces(bytes / 2 ** 20)

export const twoPlaces = (value: number): number => Math.round(value * 100) / 100

export const millisTime = (micros: number): string => new Date(micros / 1000).toISOString()
