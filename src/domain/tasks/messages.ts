// The messages of seed 001, field by field. What is not collected is 0, as a Go proplet sends it.

import { isoTime } from "../Moment.ts"
import type { Proplets } from "./Proplets.ts"
import type { Look } from "./TaskMetrics.ts"

export const metricsOf = (look: Look) => ({
  cpu_percent: look.cpuPercent ?? 0,
  memory_bytes: look.residentBytes ?? 0,
  memory_percent: look.memoryPercent ?? 0,
  disk_read_bytes: look.readBytes ?? 0,
  disk_write_bytes: look.writtenBytes ?? 0,
  network_rx_bytes: look.receivedBytes ?? 0,
  network_tx_bytes: look.sentBytes ?? 0,
  uptime_seconds: look.uptimeSeconds,
  thread_count: look.threads ?? 0,
  file_descriptor_count: look.descriptors ?? 0,
  timestamp: `${isoTime(look.at).slice(0, 23)}Z`,
})

/** Over the looks that are kept, oldest first: at least one. */
export const aggregatedOf = (looks: ReadonlyArray<Look>) => ({
  avg_cpu_usage: mean(looks, (one) => one.cpuPercent),
  max_cpu_usage: most(looks, (one) => one.cpuPercent),
  avg_memory_usage: Math.round(mean(looks, (one) => one.residentBytes)),
  max_memory_usage: most(looks, (one) => one.residentBytes),
  total_disk_read: grown(looks, (one) => one.readBytes),
  total_disk_write: grown(looks, (one) => one.writtenBytes),
  total_network_rx: grown(looks, (one) => one.receivedBytes),
  total_network_tx: grown(looks, (one) => one.sentBytes),
  sample_count: looks.length,
})

type Read = (look: Look) => number | null

const mean = (looks: ReadonlyArray<Look>, read: Read): number =>
  looks.reduce((sum, one) => sum + (read(one) ?? 0), 0) / Math.max(1, looks.length)

const most = (looks: ReadonlyArray<Look>, read: Read): number =>
  looks.reduce((high, one) => Math.max(high, read(one) ?? 0), 0)

/** Last less first of the window. */
const grown = (looks: ReadonlyArray<Look>, read: Read): number => {
  const [first] = looks
  const last = looks.at(-1)
  return first === undefined || last === undefined ? 0 : Math.max(0, (read(last) ?? 0) - (read(first) ?? 0))
}

/** What the agent tells of itself as a proplet. */
export const propletMetricsOf = (
  { at, sample, percent }: Proplets["own"]["looks"][number],
  { proplet, namespace }: { readonly proplet: string; readonly namespace: string },
) => ({
  proplet_id: proplet,
  namespace,
  metrics: {
    version: "v1",
    timestamp: `${isoTime(at).slice(0, 23)}Z`,
    cpu: {
      user_seconds: sample.userMicros / 1e6,
      system_seconds: sample.systemMicros / 1e6,
      percent,
    },
    memory: {
      rss_bytes: sample.residentBytes,
      heap_alloc_bytes: sample.heapUsedBytes,
      heap_sys_bytes: sample.heapTotalBytes,
      heap_inuse_bytes: sample.heapUsedBytes,
    },
  },
})
