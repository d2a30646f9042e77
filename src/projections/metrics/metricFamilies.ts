// Every number that a scrape of the agent tells: of itself, the host, the managed processes, and what was measured besides.

import type { Alert } from "../../domain/alerts/Alerts.ts"
import type { HostCounters } from "../../domain/events/SampleEvents.ts"
import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import { hostCpuPercent, ticksPerSecond } from "../../domain/samples/Samples.ts"
import { childrenIn, type TreeUse, treeUse } from "../../domain/samples/trees.ts"
import { alerts } from "../alerts.ts"
import { outlets } from "../outlets.ts"
import { processes } from "../processes.ts"
import { proplets } from "../proplets.ts"
import { samples } from "../samples.ts"
import type { View } from "../Views.ts"
import { measuredFamilies } from "./measuredFamilies.ts"
import type { Family, Sample } from "./Family.ts"

/** Names of processes that a scrape tells apart; the rest of them is one. */
const mostNames = 200
const otherNames = "(other)"

export const metricFamilies = (view: View): ReadonlyArray<Family> => [
  ...ofAgent(view),
  ...ofHost(view),
  ...ofProcesses(view),
  ...measuredFamilies(view),
]

const family = (
  type: Family["type"],
  name: string,
  help: string,
  values: number | null | ReadonlyArray<Sample>,
): Family => ({
  name: `annalist_${name}`,
  type,
  help,
  samples: typeof values === "number" || values === null ? [{ value: values }] : values,
})

const gauge = family.bind(null, "gauge")
const counter = family.bind(null, "counter")

const ofAgent = (view: View): ReadonlyArray<Family> => {
  const own = view.state(proplets).own.looks.at(-1)?.sample ?? null
  const standing = Array.from(view.state(alerts).raised.values())
  return [
    counter("log_events", "Events in the log.", view.position),
    counter("agent_cpu_seconds", "Processor time of the agent.", seconds(own && own.userMicros + own.systemMicros)),
    gauge("agent_resident_memory_bytes", "Memory of the agent.", own?.residentBytes ?? null),
    gauge("agent_heap_used_bytes", "Heap in use of the agent.", own?.heapUsedBytes ?? null),
    gauge("alerts_active", "Alerts that stand.", bySeverity(standing)),
    gauge(
      "outlet_up",
      "Whether an outlet delivers.",
      Array.from(view.state(outlets), ([outlet, { failing }]) => ({
        labels: { outlet },
        value: failing === null ? 1 : 0,
      })),
    ),
  ]
}

const bySeverity = (standing: ReadonlyArray<Alert>): ReadonlyArray<Sample> =>
  ["critical", "warning", "info"].map((severity) => ({
    labels: { severity },
    value: standing.filter((alert) => alert.severity === severity).length,
  }))

const seconds = (micros: number | null): number | null => (micros === null ? null : micros / 1e6)

const ofHost = (view: View): ReadonlyArray<Family> => {
  const state = view.state(samples)
  const host = state.host?.last.counters ?? null
  const cpu = hostCpuPercent(state)
  const of = (read: (counters: HostCounters) => number) => (host === null ? null : read(host))
  const inSeconds = (read: (counters: HostCounters) => number) => of((one) => read(one) / ticksPerSecond)
  return [
    gauge(
      "host_cpu_usage_ratio",
      "Busy share of all cores between the last two samples.",
      cpu === null ? null : cpu / 100,
    ),
    counter("host_cpu_seconds", "Processor time of all cores.", [
      { labels: { mode: "busy" }, value: inSeconds((one) => one.cpuBusyTicks) },
      { labels: { mode: "idle" }, value: inSeconds((one) => one.cpuTotalTicks - one.cpuBusyTicks) },
    ]),
    gauge(
      "host_cpus",
      "Logical processors.",
      of((one) => one.cpuThreads),
    ),
    ...memoryOf(host),
    gauge(
      "host_load1",
      "Load, one minute.",
      of((one) => one.load1),
    ),
    gauge(
      "host_load5",
      "Load, five minutes.",
      of((one) => one.load5),
    ),
    gauge(
      "host_load15",
      "Load, fifteen minutes.",
      of((one) => one.load15),
    ),
    gauge(
      "host_uptime_seconds",
      "Time since the host was booted.",
      of((one) => one.uptimeSeconds),
    ),
    gauge(
      "host_processes",
      "Processes of the host.",
      of((one) => one.processCount),
    ),
  ]
}

const memoryOf = (host: HostCounters | null): ReadonlyArray<Family> => {
  const of = (read: (counters: HostCounters) => number) => (host === null ? null : read(host))
  return [
    gauge(
      "host_memory_size_bytes",
      "Memory of the host.",
      of((one) => one.memoryTotalBytes),
    ),
    gauge(
      "host_memory_available_bytes",
      "Memory that can be had without swapping.",
      of((one) => one.memoryAvailableBytes),
    ),
    gauge(
      "host_memory_free_bytes",
      "Memory that nobody uses.",
      of((one) => one.memoryFreeBytes),
    ),
    gauge(
      "host_swap_size_bytes",
      "Swap of the host.",
      of((one) => one.swapTotalBytes),
    ),
    gauge(
      "host_swap_free_bytes",
      "Swap that nobody uses.",
      of((one) => one.swapFreeBytes),
    ),
  ]
}

/** By name, as those who come and go have new ids each time; only of the living. */
const ofProcesses = (view: View): ReadonlyArray<Family> => {
  const all = Array.from(view.state(processes).byId.values())
  const uses = usesByName(view, all.filter(isAlive))
  const told = (name: string, help: string, read: (use: TreeUse) => number) =>
    gauge(
      name,
      help,
      Array.from(uses, ([label, trees]) => ({
        labels: { name: label },
        value: trees.reduce((sum, one) => sum + read(one), 0),
      })),
    )
  return [
    gauge("managed_processes", "Managed processes by status.", byStatus(all)),
    gauge(
      "process_instances",
      "Managed processes that run, by name.",
      Array.from(uses, ([name, trees]) => ({ labels: { name }, value: trees.length })),
    ),
    told(
      "process_cpu_usage_ratio",
      "Cores that they use, with all their descendants: 1 is one core.",
      (one) => one.cpuPercent / 100,
    ),
    told("process_resident_memory_bytes", "Their memory, with all their descendants.", (one) => one.residentBytes),
    told("process_virtual_memory_bytes", "Their address space, with all their descendants.", (one) => one.virtualBytes),
    told("process_threads", "Their threads, with all their descendants.", (one) => one.threads),
  ]
}

const byStatus = (all: ReadonlyArray<ManagedProcess>): ReadonlyArray<Sample> => {
  const counts = new Map<string, number>()
  for (const { status } of all) counts.set(status, (counts.get(status) ?? 0) + 1)
  return ["booting", "running", "stopping", "exited", "stopped", "boot_failed"].map((status) => ({
    labels: { status },
    value: counts.get(status) ?? 0,
  }))
}

const usesByName = (view: View, living: ReadonlyArray<ManagedProcess>): ReadonlyMap<string, ReadonlyArray<TreeUse>> => {
  const state = view.state(samples)
  const children = childrenIn(state)
  const uses = new Map<string, Array<TreeUse>>()
  for (const { spec, identity } of living) {
    const use = identity === null ? null : treeUse(state, identity, children)
    if (use === null) continue
    const name = uses.has(spec.name) || uses.size < mostNames ? spec.name : otherNames
    uses.set(name, [...(uses.get(name) ?? []), use])
  }
  return uses
}
