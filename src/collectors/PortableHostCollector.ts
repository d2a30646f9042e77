// The host where there is no /proc: Node's own counters, and systeminformation for what Node does not know.

import os from "node:os"
import { Effect, Option } from "effect"
import type { HostCounters, SampleEvent } from "../domain/events/SampleEvents.ts"
import { failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"

export interface Options {
  readonly intervalMillis: number
}

/** Node counts milliseconds; the counters are in the hundredths that Linux counts. */
const millisPerTick = 10

export const make = (options: Options): Collector<Seen<SampleEvent>> => ({
  name: "host",
  intervalMillis: options.intervalMillis,
  collect: Effect.tryPromise({
    try: async () => Option.some({ _tag: "SamplesTaken" as const, host: await readHost(), processes: [] }),
    catch: failed,
  }),
})

const readHost = async (): Promise<HostCounters> => {
  // Loaded here and not above: it is large, and Linux never needs it.
  const information = await import("systeminformation")
  const [memory, processes, processor] = await Promise.all([
    information.mem(),
    information.processes(),
    information.cpu(),
  ])
  const times = os.cpus().map((cpu) => cpu.times)
  const idle = times.reduce((sum, time) => sum + time.idle, 0)
  const total = times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.idle + time.irq, 0)
  const [load1 = 0, load5 = 0, load15 = 0] = os.loadavg()
  return {
    cpuBusyTicks: Math.round((total - idle) / millisPerTick),
    cpuTotalTicks: Math.round(total / millisPerTick),
    cpuCores: processor.physicalCores,
    cpuThreads: times.length,
    memoryTotalBytes: memory.total,
    memoryFreeBytes: memory.free,
    memoryAvailableBytes: memory.available,
    swapTotalBytes: memory.swaptotal,
    swapFreeBytes: memory.swapfree,
    load1,
    load5,
    load15,
    uptimeSeconds: os.uptime(),
    processCount: processes.all,
  }
}
