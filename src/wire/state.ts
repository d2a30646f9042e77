// What crosses the wire about the whole: GET /v1/state and GET /v1/processes.

import { Schema } from "effect"
import { LimitsBody } from "./processes.ts"

const Mark = Schema.Struct({ position: Schema.Int, at: Schema.NullOr(Schema.String) })

export const StateAnswer = Schema.Struct({
  /** The moment that this answer shows. */
  position: Schema.Int,
  at: Schema.NullOr(Schema.String),
  /** The whole extent of the log, whatever moment is shown: the ends of a time bar. */
  first: Mark,
  head: Mark,
  source: Schema.Literal("live", "file", "directory", "replay"),
  read_only: Schema.Boolean,
  node: Schema.String,
  log_id: Schema.String,
  log_bytes: Schema.Int,
  processes: Schema.Struct({ running: Schema.Int, total: Schema.Int }),
  collectives: Schema.Struct({ communicators: Schema.Int, in_flight: Schema.Int }),
  /** Position of the last event of each type at that moment: an answer that none of its types has passed is still good. */
  last: Schema.Record({ key: Schema.String, value: Schema.Int }),
})
export type StateAnswer = typeof StateAnswer.Type

export const ProcessAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  kind: Schema.String,
  status: Schema.Literal("booting", "boot_failed", "running", "stopping", "exited", "stopped"),
  pid: Schema.NullOr(Schema.Int),
  argv: Schema.Array(Schema.String),
  working_directory: Schema.String,
  script_path: Schema.NullOr(Schema.String),
  env: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
  user: Schema.String,
  session: Schema.NullOr(Schema.String),
  host: Schema.String,
  requested_at: Schema.String,
  started_at: Schema.NullOr(Schema.String),
  ended_at: Schema.NullOr(Schema.String),
  exit_code: Schema.NullOr(Schema.Int),
  exit_signal: Schema.NullOr(Schema.Int),
  reason: Schema.NullOr(Schema.String),
  steps: Schema.optional(Schema.Array(Schema.Array(Schema.String))),
  tree_id: Schema.optional(Schema.NullOr(Schema.String)),
  log_path: Schema.optional(Schema.NullOr(Schema.String)),
  depends_on: Schema.optional(Schema.Array(Schema.String)),
  ready: Schema.optional(Schema.Boolean),
  /** Boots under this id, the present one included. */
  boots: Schema.optional(Schema.Int),
  /** When its policy boots it again. */
  restart_at: Schema.optional(Schema.NullOr(Schema.String)),
  limits: Schema.optional(Schema.NullOr(LimitsBody)),
  /** "first": where to look. "collateral": it went down after that one of its session. */
  failure: Schema.optional(
    Schema.NullOr(Schema.Struct({ kind: Schema.Literal("first", "collateral"), of: Schema.optional(Schema.String) })),
  ),
  /** Of one core, 0–100 each; null until two samples are there. */
  cpu_percent: Schema.NullOr(Schema.Number),
  resident_bytes: Schema.NullOr(Schema.Number),
  threads: Schema.NullOr(Schema.Int),
  /** The kernel's letter: R, S, D, T, Z … */
  kernel_state: Schema.NullOr(Schema.String),
})
export type ProcessAnswer = typeof ProcessAnswer.Type

export const ProcessesAnswer = Schema.Struct({ position: Schema.Int, processes: Schema.Array(ProcessAnswer) })
export type ProcessesAnswer = typeof ProcessesAnswer.Type
