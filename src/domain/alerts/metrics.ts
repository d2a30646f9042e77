// The metrics that a rule may be about, by name, read from what the samples tell.

import type { HostCounters, ProcessCounters } from "../events/SampleEvents.ts"
import { hostCpuPercent, processCpuPercent, type ProcessSeries, type Samples } from "../samples/Samples.ts"

const last =
  (read: (counters: HostCounters) => number) =>
  ({ host }: Samples): number | null =>
    host === null ? null : read(host.last.counters)

const hostMetrics: ReadonlyMap<string, (samples: Samples) => number | null> = new Map([
  ["host.cpu_percent", hostCpuPercent],
  ["host.memory_percent", last((one) => share(one.memoryTotalBytes - one.memoryAvailableBytes, one.memoryTotalBytes))],
  ["host.memory_available_bytes", last((one) => one.memoryAvailableBytes)],
  ["host.swap_percent", last((one) => share(one.swapTotalBytes - one.swapFreeBytes, one.swapTotalBytes))],
  ["host.load1", last((one) => one.load1)],
  ["host.load5", last((one) => one.load5)],
  ["host.load15", last((one) => one.load15)],
  ["host.processes", last((one) => one.processCount)],
  ["host.uptime_seconds", last((one) => one.uptimeSeconds)],
])

const counter =
  (read: (counters: ProcessCounters) => number | null) =>
  (series: ProcessSeries): number | null =>
    read(series.last.counters)

const processMetrics: ReadonlyMap<string, (series: ProcessSeries) => number | null> = new Map([
  ["process.cpu_percent", processCpuPercent],
  ["process.cpu_seconds", counter((one) => one.cpuTicks / 100)],
  ["process.resident_bytes", counter((one) => one.residentBytes)],
  ["process.virtual_bytes", counter((one) => one.virtualBytes)],
  ["process.threads", counter((one) => one.threads)],
  ["process.read_bytes", counter((one) => one.readBytes)],
  ["process.written_bytes", counter((one) => one.writtenBytes)],
])

const told = "custom."

export const isMetric = (name: string, ofProcess: boolean): boolean =>
  ofProcess ? processMetrics.has(name) : hostMetrics.has(name) || (name.startsWith(told) && name.length > told.length)

/** The name of what processes tell of themselves, as rules have it. */
export const customName = (measure: string): string => told + measure

export const ofHost = (name: string, samples: Samples): number | null => hostMetrics.get(name)?.(samples) ?? null

export const ofProcess = (name: string, series: ProcessSeries): number | null =>
  processMetrics.get(name)?.(series) ?? null

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole)
