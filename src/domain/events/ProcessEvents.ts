// The life of a managed process: every act has an event for the intent and one for the outcome.

import { Schema } from "effect"
import { ProcessId } from "../Brands.ts"
import { Limits, Probe, RestartPolicy } from "./ProcessTerms.ts"

const ProcessIdField = Schema.String.pipe(Schema.fromBrand(ProcessId))

/** How a process is known to the kernel: a pid alone may have been given to somebody else. */
export const ProcessIdentity = Schema.Struct({
  bootId: Schema.String,
  pid: Schema.Int,
  /** Field 22 of /proc/<pid>/stat: clock ticks from the host's boot to the process's start. */
  startTicks: Schema.Int,
})
export type ProcessIdentity = typeof ProcessIdentity.Type

/** What a caller asked for. Environment values are secrets: only allowed names keep theirs, the rest read "[redacted]". */
export const ProcessSpec = Schema.Struct({
  name: Schema.String,
  /** "script" is the one of POST /start; others are booted through /v1/processes, gRPC, tasks and flows. */
  kind: Schema.Literal("script", "process"),
  argv: Schema.NonEmptyArray(Schema.String),
  workingDirectory: Schema.String,
  env: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
  user: Schema.String,
  session: Schema.NullOr(Schema.String),
  treeId: Schema.NullOr(Schema.String),
  host: Schema.String,
  logPath: Schema.NullOr(Schema.String),
  /** As the caller spelt it; null for what was not booted from a script. */
  scriptPath: Schema.NullOr(Schema.String),
  /** Programs that follow `argv`, one after the other in one shell; the last one's end is the process's. */
  steps: Schema.optional(Schema.Array(Schema.NonEmptyArray(Schema.String))),
  /** Tried in this order until one boots it. Absent: this host. */
  hosts: Schema.optional(Schema.Array(Schema.String)),
  restart: Schema.optional(RestartPolicy),
  limits: Schema.optional(Limits),
  readiness: Schema.optional(Probe),
  liveness: Schema.optional(Probe),
  /** Names of processes of the same session that have to be ready first. */
  dependsOn: Schema.optional(Schema.Array(Schema.String)),
  /** Of the caller, as W3C's trace context has it: its trace is continued. */
  traceparent: Schema.optional(Schema.String),
})
export type ProcessSpec = typeof ProcessSpec.Type

const ProcessBootRequested = Schema.TaggedStruct("ProcessBootRequested", {
  process: ProcessIdField,
  spec: ProcessSpec,
})

const ProcessBooted = Schema.TaggedStruct("ProcessBooted", {
  process: ProcessIdField,
  /** Of the local ssh client where the process itself runs elsewhere. */
  identity: ProcessIdentity,
  /** Which of the asked hosts took it. */
  host: Schema.optional(Schema.String),
})

/** It runs, and its readiness probe (if it has one) has found it well. */
const ProcessReady = Schema.TaggedStruct("ProcessReady", { process: ProcessIdField })

/** Its liveness probe found it unwell as often in a row as it takes. */
const ProcessUnresponsive = Schema.TaggedStruct("ProcessUnresponsive", {
  process: ProcessIdField,
  reason: Schema.String,
})

const ProcessBootFailed = Schema.TaggedStruct("ProcessBootFailed", {
  process: ProcessIdField,
  reason: Schema.String,
})

/** Intent to signal the process's whole group: `signal` first, and `force` (if any) once the grace is over. */
export const ProcessSignalRequested = Schema.TaggedStruct("ProcessSignalRequested", {
  process: ProcessIdField,
  signal: Schema.String,
  force: Schema.NullOr(Schema.String),
  graceMillis: Schema.Int,
  /** Whether the end is wished for: a process that was asked to stop does not count as one that ended by itself. */
  stop: Schema.Boolean,
})

const ProcessSignalled = Schema.TaggedStruct("ProcessSignalled", {
  process: ProcessIdField,
  signal: Schema.String,
})

/** A signal that was not sent: the identity had changed, or the target is protected. */
const SignalRefused = Schema.TaggedStruct("SignalRefused", {
  process: Schema.NullOr(ProcessIdField),
  pid: Schema.NullOr(Schema.Int),
  signal: Schema.String,
  reason: Schema.String,
})

/** Exactly one of code and signal is set; both are null when nobody could tell how it ended. */
const ProcessExited = Schema.TaggedStruct("ProcessExited", {
  process: ProcessIdField,
  code: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.Int),
  /** Wall time, µs, as its shim saw it; absent when nobody saw it, and then the event's own time has to do. */
  endedAt: Schema.optional(Schema.Number),
})

/** Once it has ended it is to be booted again, under the same id. */
const ProcessRestartRequested = Schema.TaggedStruct("ProcessRestartRequested", { process: ProcessIdField })

/** Its restart policy wants it again, after a while. */
const ProcessRestartScheduled = Schema.TaggedStruct("ProcessRestartScheduled", {
  process: ProcessIdField,
  /** The how-manieth in a row. */
  attempt: Schema.Int,
  delayMillis: Schema.Int,
})

/** Neither what was asked nor what was scheduled comes about any more. */
const ProcessRestartCancelled = Schema.TaggedStruct("ProcessRestartCancelled", { process: ProcessIdField })

/** Other limits for a running process. Those that are not named stay as they are. */
const ProcessLimitsRequested = Schema.TaggedStruct("ProcessLimitsRequested", {
  process: ProcessIdField,
  limits: Limits,
})

const ProcessLimitsApplied = Schema.TaggedStruct("ProcessLimitsApplied", {
  process: ProcessIdField,
  applied: Limits,
  refused: Schema.Array(Schema.Struct({ limit: Schema.String, reason: Schema.String })),
})

/** The agent came back and found the process still living. */
const ProcessAdopted = Schema.TaggedStruct("ProcessAdopted", {
  process: ProcessIdField,
  identity: ProcessIdentity,
})

/** An ended process was dropped from the views; the log keeps its record. */
const ProcessFlushed = Schema.TaggedStruct("ProcessFlushed", { process: ProcessIdField })

export const ProcessEvent = Schema.Union(
  ProcessBootRequested,
  ProcessBooted,
  ProcessReady,
  ProcessUnresponsive,
  ProcessBootFailed,
  ProcessSignalRequested,
  ProcessSignalled,
  SignalRefused,
  ProcessExited,
  ProcessRestartRequested,
  ProcessRestartScheduled,
  ProcessRestartCancelled,
  ProcessLimitsRequested,
  ProcessLimitsApplied,
  ProcessAdopted,
  ProcessFlushed,
)
export type ProcessEvent = typeof ProcessEvent.Type
