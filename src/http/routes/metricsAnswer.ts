// GET /metrics of seed 000: the host's latest sample, and the script's process if it runs.

import { isAlive } from "../../domain/processes/Processes.ts"
import { hostCpuPercent, processCpuPercent, type ProcessSeries, type Samples } from "../../domain/samples/Samples.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { View } from "../../projections/Views.ts"
import type { MetricsAnswer } from "../../wire/agent.ts"

/** Everything in it is of one moment, so that the past is answered as the present was. */
export const metricsAnswer = (view: View): MetricsAnswer => {
  const sampled = view.state(samples)
  const host = sampled.host?.last.counters ?? null
  const used = host === null ? null : host.memoryTotalBytes - host.memoryAvailableBytes
  const swapUsed = host === null ? null : host.swapTotalBytes - host.swapFreeBytes
  return {
    timestamp: Math.floor(view.at / 1e6),
    metrics: {
      system_cpu_usage: hostCpuPercent(sampled),
      system_memory_total_bytes: host?.memoryTotalBytes ?? null,
      system_memory_used_bytes: used,
      system_memory_free_bytes: host?.memoryFreeBytes ?? null,
      system_memory_available_bytes: host?.memoryAvailableBytes ?? null,
      system_swap_total_bytes: host?.swapTotalBytes ?? null,
      system_swap_used_bytes: swapUsed,
      system_swap_free_bytes: host?.swapFreeBytes ?? null,
      system_load_average_1m: host?.load1 ?? null,
      system_load_average_5m: host?.load5 ?? null,
      system_load_average_15m: host?.load15 ?? null,
      system_uptime_secs: host === null ? null : Math.floor(host.uptimeSeconds),
      total_processes: host?.processCount ?? null,
      cpu_cores: host?.cpuCores ?? null,
      cpu_threads: host?.cpuThreads ?? null,
      process_metrics: processMetrics(view, sampled),
    },
    derived_metrics: {
      memory_usage_percent: percent(used, host?.memoryTotalBytes),
      swap_usage_percent: percent(swapUsed, host?.swapTotalBytes),
      memory_available_percent: percent(host?.memoryAvailableBytes ?? null, host?.memoryTotalBytes),
    },
  }
}

const processMetrics = (view: View, sampled: Samples): MetricsAnswer["metrics"]["process_metrics"] => {
  const { script } = view.state(processes)
  if (script === null || !isAlive(script) || script.identity === null) return null
  const found = sampled.processes.get(script.identity.pid)
  const series = found?.last.counters.startTicks === script.identity.startTicks ? found : undefined
  const counters = series?.last.counters
  return {
    pid: script.identity.pid,
    cpu_usage: shareOfMachine(series, sampled),
    memory_bytes: counters?.residentBytes ?? null,
    virtual_memory_bytes: counters?.virtualBytes ?? null,
    run_time_secs: script.startedAt === null ? null : Math.max(0, Math.floor((view.at - script.startedAt) / 1e6)),
    disk_read_bytes: counters?.readBytes ?? null,
    disk_written_bytes: counters?.writtenBytes ?? null,
    threads: counters?.threads ?? null,
    status: counters === undefined ? null : (stateWords[counters.state] ?? counters.state),
    // What was started, not the shell that runs it.
    name: script.spec.name,
    parent_pid: counters?.parentPid ?? null,
  }
}

/** 0–100 of all cores together. */
const shareOfMachine = (series: ProcessSeries | undefined, sampled: Samples): number | null => {
  const ofOneCore = series === undefined ? null : processCpuPercent(series)
  const threads = sampled.host?.last.counters.cpuThreads ?? null
  return ofOneCore === null || threads === null || threads < 1 ? null : Math.min(100, ofOneCore / threads)
}

/** A host without swap uses none of it. */
const percent = (part: number | null, whole: number | undefined): number | null => {
  if (part === null || whole === undefined) return null
  return whole === 0 ? 0 : (100 * part) / whole
}

const stateWords: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "uninterruptible",
  I: "idle",
  T: "stopped",
  t: "traced",
  Z: "zombie",
  X: "dead",
}
