// What the collectors saw: raw counters as the kernel gives them. Rates and percentages are derived by projections.

import { Schema } from "effect"

/** Counters of the host. Ticks are clock ticks since boot (100 a second on Linux); null where the platform has nothing. */
export const HostCounters = Schema.Struct({
  cpuBusyTicks: Schema.Number,
  cpuTotalTicks: Schema.Number,
  cpuCores: Schema.Int,
  cpuThreads: Schema.Int,
  memoryTotalBytes: Schema.Number,
  memoryFreeBytes: Schema.Number,
  memoryAvailableBytes: Schema.Number,
  swapTotalBytes: Schema.Number,
  swapFreeBytes: Schema.Number,
  load1: Schema.Number,
  load5: Schema.Number,
  load15: Schema.Number,
  uptimeSeconds: Schema.Number,
  processCount: Schema.Int,
})
export type HostCounters = typeof HostCounters.Type

/** Counters of one process. `startTicks` with `pid` says which process that pid meant at the time. */
export const ProcessCounters = Schema.Struct({
  pid: Schema.Int,
  startTicks: Schema.Int,
  parentPid: Schema.Int,
  name: Schema.String,
  /** The kernel's letter: R running, S sleeping, D uninterruptible, T stopped, Z zombie … */
  state: Schema.String,
  cpuTicks: Schema.Number,
  residentBytes: Schema.Number,
  virtualBytes: Schema.Number,
  threads: Schema.Int,
  readBytes: Schema.NullOr(Schema.Number),
  writtenBytes: Schema.NullOr(Schema.Number),
  /** The four that follow are there together or not at all; null for what was not wanted, or is not ours to read. */
  descriptors: Schema.optional(Schema.NullOr(Schema.Int)),
  /** Of the whole network namespace that it is in: the kernel counts no finer. */
  receivedBytes: Schema.optional(Schema.NullOr(Schema.Number)),
  sentBytes: Schema.optional(Schema.NullOr(Schema.Number)),
  /** Resident bytes, those shared with others divided among them. */
  proportionalBytes: Schema.optional(Schema.NullOr(Schema.Number)),
})
export type ProcessCounters = typeof ProcessCounters.Type

/** One look of one collector. `takenMicros` is the agent's monotonic clock at the look itself. */
export const SamplesTaken = Schema.TaggedStruct("SamplesTaken", {
  collector: Schema.String,
  takenMicros: Schema.Number,
  host: Schema.NullOr(HostCounters),
  processes: Schema.Array(ProcessCounters),
})

export const SampleEvent = SamplesTaken
export type SampleEvent = typeof SampleEvent.Type
