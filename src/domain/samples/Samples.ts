// The latest looks at the host and at the managed processes, and the rates between the last two.

import type { Envelope } from "../Envelope.ts"
import type { HostCounters, ProcessCounters } from "../events/SampleEvents.ts"

/** Linux reports CPU time in hundredths of a second on every platform that the agent runs on. */
export const ticksPerSecond = 100

interface Look<Counters> {
  readonly takenMicros: number
  readonly counters: Counters
}

export interface ProcessSeries {
  readonly last: Look<ProcessCounters>
  readonly before: Look<ProcessCounters> | null
  /** Wall time (µs) of the first look of the unbroken run that shows the present kernel state. */
  readonly stateSince: number
}

export interface Samples {
  readonly host: {
    readonly last: Look<HostCounters>
    readonly before: Look<HostCounters> | null
    readonly at: number
  } | null
  /** By pid; only what the latest look of its collector saw. */
  readonly processes: ReadonlyMap<number, ProcessSeries>
}

export const initial = (): Samples => ({ host: null, processes: new Map() })

export const evolve = (state: Samples, envelope: Envelope): Samples => {
  const { event } = envelope
  if (event._tag === "AgentStarted") return initial()
  if (event._tag !== "SamplesTaken") return state
  const host =
    event.host === null
      ? state.host
      : {
          last: { takenMicros: event.takenMicros, counters: event.host },
          before: state.host?.last ?? null,
          at: envelope.at,
        }
  if (event.collector !== "processes") return { host, processes: state.processes }
  const processes = new Map<number, ProcessSeries>()
  for (const counters of event.processes) {
    const known = state.processes.get(counters.pid)
    const same = known !== undefined && known.last.counters.startTicks === counters.startTicks ? known : null
    processes.set(counters.pid, {
      last: { takenMicros: event.takenMicros, counters },
      before: same?.last ?? null,
      stateSince: same !== null && same.last.counters.state === counters.state ? same.stateSince : envelope.at,
    })
  }
  return { host, processes }
}

/** Busy share of the whole host between the last two looks, 0–100; null before there are two. */
export const hostCpuPercent = (state: Samples): number | null => {
  const { host } = state
  if (host === null || host.before === null) return null
  const total = host.last.counters.cpuTotalTicks - host.before.counters.cpuTotalTicks
  const busy = host.last.counters.cpuBusyTicks - host.before.counters.cpuBusyTicks
  return total <= 0 ? null : clamp((100 * busy) / total, 0, 100)
}

/** Of one core: 100 is one core full, more cores pass it. Null before two looks at the same process. */
export const processCpuPercent = (series: ProcessSeries): number | null => {
  if (series.before === null) return null
  const seconds = (series.last.takenMicros - series.before.takenMicros) / 1e6
  const ticks = series.last.counters.cpuTicks - series.before.counters.cpuTicks
  return seconds <= 0 || ticks < 0 ? null : (100 * ticks) / ticksPerSecond / seconds
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
