// The host as Linux tells it in /proc: processor time, memory, swap, load, uptime, and how much of everything there is.

import { Effect, Option } from "effect"
import type { HostCounters, SampleEvent } from "../domain/events/SampleEvents.ts"
import { failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"
import * as ProcFiles from "./ProcFiles.ts"
import * as Topology from "./Topology.ts"

export interface Options {
  readonly intervalMillis: number
  /** Other roots than the host's: trees of real files, in tests and in containers that mount the host's. */
  readonly procRoot?: string
  readonly sysRoot?: string
  /** Whoever counts the processes anyway; null while it does not know. */
  readonly processCount?: () => number | null
}

export const make = (options: Options): Collector<Seen<SampleEvent>> => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  const sysRoot = options.sysRoot ?? "/sys"
  /** Processors do not come and go in the life of an agent, and cpuinfo of a large host is half a megabyte. */
  let topology: Topology.Topology | null = null
  return {
    name: "host",
    intervalMillis: options.intervalMillis,
    collect: Effect.try({
      try: () => {
        topology ??= Topology.read(files.root, sysRoot)
        return Option.some({
          _tag: "SamplesTaken" as const,
          host: readHost(files, topology, options.processCount?.() ?? files.pids().length),
          processes: [],
        })
      },
      catch: failed,
    }),
  }
}

const readHost = (files: ProcFiles.ProcFiles, topology: Topology.Topology, processCount: number): HostCounters => ({
  ...processorTicks(files.text("stat")),
  ...memory(files.text("meminfo")),
  ...load(files.text("loadavg")),
  uptimeSeconds: numberAt(files.text("uptime").split(" "), 0, "uptime"),
  processCount,
  cpuCores: topology.cores,
  cpuThreads: topology.threads,
})

/** user nice system idle iowait irq softirq steal; a guest's time is in user and nice already. */
const processorTicks = (text: string) => {
  const line = text.slice(0, text.indexOf("\n"))
  const ticks = line.split(/\s+/).slice(1, 9).map(Number)
  if (!line.startsWith("cpu ") || ticks.length < 4 || ticks.some(Number.isNaN)) throw unreadable("stat", line)
  const total = ticks.reduce((sum, value) => sum + value, 0)
  return { cpuBusyTicks: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), cpuTotalTicks: total }
}

const memory = (text: string) => {
  const total = kibibytes(text, "MemTotal")
  const free = kibibytes(text, "MemFree")
  if (total === null || free === null) throw unreadable("meminfo", text)
  /** Kernels before 3.14 do not estimate what is available. */
  const available =
    kibibytes(text, "MemAvailable") ?? free + (kibibytes(text, "Buffers") ?? 0) + (kibibytes(text, "Cached") ?? 0)
  return {
    memoryTotalBytes: total * 1024,
    memoryFreeBytes: free * 1024,
    memoryAvailableBytes: available * 1024,
    swapTotalBytes: (kibibytes(text, "SwapTotal") ?? 0) * 1024,
    swapFreeBytes: (kibibytes(text, "SwapFree") ?? 0) * 1024,
  }
}

const kibibytes = (text: string, name: string): number | null => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)
  return found === null ? null : Number(found[1])
}

const load = (text: string) => {
  const parts = text.split(" ")
  return {
    load1: numberAt(parts, 0, "loadavg"),
    load5: numberAt(parts, 1, "loadavg"),
    load15: numberAt(parts, 2, "loadavg"),
  }
}

const numberAt = (parts: ReadonlyArray<string>, index: number, file: string): number => {
  const part = parts[index] ?? ""
  const value = Number(part)
  if (part === "" || Number.isNaN(value)) throw unreadable(file, parts.join(" "))
  return value
}

const unreadable = (file: string, text: string) => new Error(`${file} reads "${text.slice(0, 80).trim()}"`)
