// What crosses the wire under /v1/processes: what can be asked of processes, and in what shape. Durations are in seconds.

import { Schema } from "effect"

const Words = Schema.NonEmptyArray(Schema.String)
const Seconds = Schema.Number.pipe(Schema.between(0, 86_400))
const Count = Schema.Int.pipe(Schema.between(1, 1_000_000))
const Bytes = Schema.Int.pipe(Schema.between(0, 2 ** 50))
const option = Schema.optional

export const LimitsBody = Schema.Struct({
  cpus: option(Schema.Number.pipe(Schema.between(0.01, 10_000))),
  memory_bytes: option(Bytes),
  pids: option(Count),
  open_files: option(Count),
  file_bytes: option(Bytes),
  core_bytes: option(Bytes),
  cpu_seconds: option(Count),
})
export type LimitsBody = typeof LimitsBody.Type

const pace = {
  interval_seconds: option(Schema.Number.pipe(Schema.between(0.02, 86_400))),
  timeout_seconds: option(Schema.Number.pipe(Schema.between(0.02, 3_600))),
  failures: option(Count),
}
export const ProbeBody = Schema.Union(
  Schema.Struct({ exec: Words, ...pace }),
  Schema.Struct({ http: Schema.String.pipe(Schema.pattern(/^https?:\/\//)), ...pace }),
  Schema.Struct({ log: Schema.NonEmptyString, ...pace }),
)
export type ProbeBody = typeof ProbeBody.Type

export const RestartBody = Schema.Struct({
  when: Schema.Literal("never", "on-failure", "always").annotations({
    message: () => ({ message: "must be never, on-failure or always", override: true }),
  }),
  backoff_seconds: option(Seconds),
  backoff_most_seconds: option(Seconds),
  most: option(Schema.NullOr(Count)),
  steady_seconds: option(Seconds),
})
export type RestartBody = typeof RestartBody.Type

/** One of argv and script_path. */
export const BootBody = Schema.Struct({
  name: option(Schema.NonEmptyString.pipe(Schema.maxLength(200))),
  argv: option(Words),
  steps: option(Schema.Array(Words)),
  script_path: option(Schema.NonEmptyString),
  working_directory: option(Schema.NonEmptyString),
  env: option(Schema.Record({ key: Schema.String, value: Schema.String })),
  user: option(Schema.String),
  session: option(Schema.String),
  tree_id: option(Schema.String),
  hosts: option(Schema.NonEmptyArray(Schema.NonEmptyString)),
  log_path: option(Schema.NonEmptyString),
  restart: option(RestartBody),
  limits: option(LimitsBody),
  readiness: option(ProbeBody),
  liveness: option(ProbeBody),
  depends_on: option(Schema.Array(Schema.NonEmptyString)),
})
export type BootBody = typeof BootBody.Type

const signalNames =
  "HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|" +
  "XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS"
const Signal = Schema.String.pipe(
  Schema.pattern(new RegExp(`^(SIG(${signalNames}|RTMIN(\\+([0-9]|[12][0-9]|30))?)|[1-9]|[1-5][0-9]|6[0-4])$`), {
    message: () => "must be the name of a signal such as SIGTERM or SIGRTMIN+3, or a number from 1 to 64",
  }),
)

export const StopBody = Schema.Struct({
  signal: option(Signal),
  grace_seconds: option(Seconds),
})
export type StopBody = typeof StopBody.Type
