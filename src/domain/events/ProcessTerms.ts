// What may be agreed on about a managed process beyond its program: when it is started again, how much it may use, how its health is asked.

import { Schema } from "effect"

/** A process that ends by itself is booted again; one that was asked to stop is not. */
export const RestartPolicy = Schema.Struct({
  when: Schema.Literal("never", "on-failure", "always"),
  /** Before the first restart; each further one in a row waits twice as long, up to `backoffMostMillis`. */
  backoffMillis: Schema.Int,
  backoffMostMillis: Schema.Int,
  /** Restarts in a row; null for as many as it takes. */
  most: Schema.NullOr(Schema.Int),
  /** A run of this length ends the row. */
  steadyMillis: Schema.Int,
})
export type RestartPolicy = typeof RestartPolicy.Type

/** Of the whole tree where a cgroup enforces it; of each process alone where `prlimit` has to. */
export const Limits = Schema.Struct({
  /** Cores: 0.5 is half of one. */
  cpus: Schema.optional(Schema.Number),
  memoryBytes: Schema.optional(Schema.Int),
  pids: Schema.optional(Schema.Int),
  openFiles: Schema.optional(Schema.Int),
  /** The largest file that it may write. */
  fileBytes: Schema.optional(Schema.Int),
  coreBytes: Schema.optional(Schema.Int),
  /** Processor time, all in all. */
  cpuSeconds: Schema.optional(Schema.Int),
})
export type Limits = typeof Limits.Type
export type LimitName = keyof Limits

const pace = {
  intervalMillis: Schema.Int,
  timeoutMillis: Schema.Int,
  /** So many in a row count as one. */
  failures: Schema.Int,
}
export const Probe = Schema.Union(
  /** Well when it ends with 0. */
  Schema.Struct({ kind: Schema.Literal("exec"), argv: Schema.NonEmptyArray(Schema.String), ...pace }),
  /** Well when it answers with 200 to 399. */
  Schema.Struct({ kind: Schema.Literal("http"), url: Schema.String, ...pace }),
  /** Well once a line of the output holds the text. */
  Schema.Struct({ kind: Schema.Literal("log"), text: Schema.String, ...pace }),
)
export type Probe = typeof Probe.Type
