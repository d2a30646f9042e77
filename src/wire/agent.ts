// What crosses the wire for the process agent (seed 000): requests, answers and their exact names.

import { Schema } from "effect"

export const StartRequest = Schema.Struct({
  env_vars: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String }))),
  script_path: Schema.optional(Schema.NullOr(Schema.String)),
})
export type StartRequest = typeof StartRequest.Type

export const LastExecution = Schema.Struct({
  start_time: Schema.NullOr(Schema.Int),
  end_time: Schema.NullOr(Schema.Int),
  exit_code: Schema.NullOr(Schema.Int),
  exit_signal: Schema.NullOr(Schema.Int),
  pid: Schema.NullOr(Schema.Int),
  env_vars: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
  script_path: Schema.String,
})
export type LastExecution = typeof LastExecution.Type

export const StatusAnswer = Schema.Struct({
  current_status: Schema.Literal("started", "running", "stopped", "force_stopped", "not_running", "exited", "error"),
  current_pid: Schema.NullOr(Schema.Int),
  last_execution: Schema.NullOr(LastExecution),
})
export type StatusAnswer = typeof StatusAnswer.Type

const NullableNumber = Schema.NullOr(Schema.Number)

const ProcessMetrics = Schema.Struct({
  pid: Schema.Int,
  cpu_usage: NullableNumber,
  memory_bytes: NullableNumber,
  virtual_memory_bytes: NullableNumber,
  run_time_secs: NullableNumber,
  disk_read_bytes: NullableNumber,
  disk_written_bytes: NullableNumber,
  threads: NullableNumber,
  status: Schema.NullOr(Schema.String),
  name: Schema.String,
  parent_pid: NullableNumber,
})

export const MetricsAnswer = Schema.Struct({
  timestamp: Schema.Int,
  metrics: Schema.Struct({
    system_cpu_usage: NullableNumber,
    system_memory_total_bytes: NullableNumber,
    system_memory_used_bytes: NullableNumber,
    system_memory_free_bytes: NullableNumber,
    system_memory_available_bytes: NullableNumber,
    system_swap_total_bytes: NullableNumber,
    system_swap_used_bytes: NullableNumber,
    system_swap_free_bytes: NullableNumber,
    system_load_average_1m: NullableNumber,
    system_load_average_5m: NullableNumber,
    system_load_average_15m: NullableNumber,
    system_uptime_secs: NullableNumber,
    total_processes: NullableNumber,
    cpu_cores: NullableNumber,
    cpu_threads: NullableNumber,
    process_metrics: Schema.NullOr(ProcessMetrics),
  }),
  derived_metrics: Schema.Struct({
    memory_usage_percent: NullableNumber,
    swap_usage_percent: NullableNumber,
    memory_available_percent: NullableNumber,
  }),
})
export type MetricsAnswer = typeof MetricsAnswer.Type
