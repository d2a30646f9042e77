// What crosses the wire about Propeller's tasks and proplets: the manager's routes.

import { Schema } from "effect"
import { isoTime } from "../domain/Moment.ts"
import type { Task, TaskStatus } from "../domain/tasks/Tasks.ts"

const counts = { offset: Schema.Int, limit: Schema.Int, total: Schema.Int }

const ProfileAnswer = Schema.Struct({
  enabled: Schema.Boolean,
  /** Nanoseconds. */
  interval: Schema.Number,
  collect_cpu: Schema.Boolean,
  collect_memory: Schema.Boolean,
  collect_disk_io: Schema.Boolean,
  collect_network_io: Schema.Boolean,
  collect_threads: Schema.Boolean,
  collect_file_descriptors: Schema.Boolean,
  export_to_mqtt: Schema.Boolean,
  retain_history: Schema.Boolean,
  history_size: Schema.Int,
})

export const TaskAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  /** 0 pending, 1 scheduled, 2 running, 3 completed, 4 failed. */
  state: Schema.Int,
  /** A path; "(module)" for one that came with the task. */
  file: Schema.String,
  cli_args: Schema.Array(Schema.String),
  inputs: Schema.Array(Schema.Number),
  env: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
  daemon: Schema.Boolean,
  proplet_id: Schema.String,
  monitoring_profile: ProfileAnswer,
  results: Schema.NullOr(Schema.Union(Schema.String, Schema.Array(Schema.Number))),
  error: Schema.String,
  created_at: Schema.String,
  updated_at: Schema.String,
  start_time: Schema.NullOr(Schema.String),
  finish_time: Schema.NullOr(Schema.String),
  /** The managed process that runs it. */
  process: Schema.String,
  pid: Schema.NullOr(Schema.Int),
})
export type TaskAnswer = typeof TaskAnswer.Type

export const TasksAnswer = Schema.Struct({ ...counts, tasks: Schema.Array(TaskAnswer) })

export const MetricsList = Schema.Struct({ ...counts, metrics: Schema.Array(Schema.Unknown) })

export const PropletAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  task_count: Schema.Int,
  alive: Schema.Boolean,
  /** Its last word. */
  alive_at: Schema.Array(Schema.String),
})
export type PropletAnswer = typeof PropletAnswer.Type

export const PropletsAnswer = Schema.Struct({ ...counts, proplets: Schema.Array(PropletAnswer) })

export const TaskBody = Schema.Struct({
  id: Schema.optional(Schema.String),
  name: Schema.optional(Schema.String),
  /** A path below the script roots, or a WebAssembly module in base64. */
  file: Schema.String,
  functionName: Schema.optional(Schema.String),
  inputs: Schema.optional(Schema.Array(Schema.Number)),
  cli_args: Schema.optional(Schema.Array(Schema.String)),
  env: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  daemon: Schema.optional(Schema.Boolean),
  monitoring_profile: Schema.optional(Schema.Unknown),
  start: Schema.optional(Schema.Boolean),
})

const states: Readonly<Record<TaskStatus, number>> = { pending: 0, scheduled: 1, running: 2, completed: 3, failed: 4 }

export const taskAnswer = (task: Task, proplet: string): TaskAnswer => {
  const { definition } = task
  const { profile } = definition
  return {
    id: definition.task,
    name: definition.name,
    state: states[task.status],
    file: definition.file ?? "(module)",
    cli_args: definition.arguments,
    inputs: definition.inputs,
    env: definition.env,
    daemon: definition.daemon,
    proplet_id: proplet,
    monitoring_profile: {
      enabled: profile.enabled,
      interval: profile.intervalSeconds * 1e9,
      collect_cpu: profile.cpu,
      collect_memory: profile.memory,
      collect_disk_io: profile.disk,
      collect_network_io: profile.network,
      collect_threads: profile.threads,
      collect_file_descriptors: profile.descriptors,
      export_to_mqtt: profile.exported,
      retain_history: profile.history > 0,
      history_size: profile.history,
    },
    results: task.results,
    error: task.error ?? "",
    created_at: isoTime(task.createdAt),
    updated_at: isoTime(task.changedAt),
    start_time: task.startedAt === null ? null : isoTime(task.startedAt),
    // An end is told together with what was given back.
    finish_time: task.endedAt === null || task.owes !== null ? null : isoTime(task.endedAt),
    process: definition.process,
    pid: task.status === "running" ? (task.identity?.pid ?? null) : null,
  }
}
