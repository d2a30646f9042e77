// What crosses the wire for the process monitor (seed 002): its answers and their exact names.

import { Schema } from "effect"

const { Number, Int, String, NullOr, Array, Struct, Boolean } = Schema

/** Where a process runs, read from the path of its control group. */
const Place = Struct({ container: NullOr(String), pod: NullOr(String) })

const entry = {
  pid: Int,
  name: String,
  username: String,
  cpu_percent: Number,
  memory_percent: Number,
  memory_mb: Number,
  status: String,
  started_at: String,
  cmdline: String,
  num_threads: Int,
  parent_pid: NullOr(Int),
  process_group: Int,
  ...Place.fields,
}
export const MonitoredProcess = Struct(entry)
export type MonitoredProcess = typeof MonitoredProcess.Type

export const ProcessListAnswer = Struct({
  timestamp: String,
  top_cpu: Array(MonitoredProcess),
  top_ram: Array(MonitoredProcess),
  processes: Array(MonitoredProcess),
  total_processes: Int,
  zombie_count: Int,
  system_stats: Struct({
    cpu_percent: Number,
    memory_percent: Number,
    total_processes: Int,
    zombie_count: Int,
  }),
  sampling: Struct({ interval_seconds: NullOr(Number), exits: String }),
})
export type ProcessListAnswer = typeof ProcessListAnswer.Type

export const ProcessDetailsAnswer = Struct({
  success: Boolean,
  ...entry,
  cwd: NullOr(String),
  num_fds: NullOr(Int),
  connections: NullOr(Int),
  open_files: NullOr(Int),
  nice: Int,
  exits: String,
})
export type ProcessDetailsAnswer = typeof ProcessDetailsAnswer.Type

export const KillRequest = Struct({ force: Schema.optional(Boolean) })

export const KillAnswer = Struct({ success: Boolean, message: String, pid: Int, name: String, forced: Boolean })
export type KillAnswer = typeof KillAnswer.Type

const TreeMember = Struct({
  pid: Int,
  name: String,
  status: String,
  cpu_percent: Number,
  memory_mb: Number,
  parent_pid: NullOr(Int),
})

/** `children` are all descendants, the nearest first. */
export const TreeAnswer = Struct({
  success: Boolean,
  pid: Int,
  name: String,
  parent: NullOr(Struct({ pid: Int, name: String, status: String })),
  children: Array(TreeMember),
  total_children: Int,
})
export type TreeAnswer = typeof TreeAnswer.Type

/** One look, or the means of several in a row: then with their number, and the highest. */
const HistoryPoint = Struct({
  timestamp: String,
  cpu_percent: Number,
  memory_percent: Number,
  memory_mb: Number,
  samples: Schema.optional(Int),
  max_cpu_percent: Schema.optional(Number),
  max_memory_percent: Schema.optional(Number),
})
export type HistoryPoint = typeof HistoryPoint.Type

export const HistoryAnswer = Struct({
  pid: Int,
  hours: Schema.optional(Int),
  history: Array(HistoryPoint),
  statistics: Schema.optional(
    NullOr(Struct({ avg_cpu: Number, max_cpu: Number, avg_memory: Number, max_memory: Number })),
  ),
  data_points: Schema.optional(Int),
  samples: Schema.optional(Int),
  message: Schema.optional(String),
})
export type HistoryAnswer = typeof HistoryAnswer.Type
