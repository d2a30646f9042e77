// The life of a managed process: every act has an event for the intent and one for the outcome.

import { Schema } from "effect"
import { ProcessId } from "../Brands.ts"

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
})
export type ProcessSpec = typeof ProcessSpec.Type

export const ProcessBootRequested = Schema.TaggedStruct("ProcessBootRequested", {
  process: ProcessIdField,
  spec: ProcessSpec,
})

export const ProcessBooted = Schema.TaggedStruct("ProcessBooted", {
  process: ProcessIdField,
  identity: ProcessIdentity,
})

export const ProcessBootFailed = Schema.TaggedStruct("ProcessBootFailed", {
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

export const ProcessSignalled = Schema.TaggedStruct("ProcessSignalled", {
  process: ProcessIdField,
  signal: Schema.String,
})

/** A signal that was not sent: the identity had changed, or the target is protected. */
export const SignalRefused = Schema.TaggedStruct("SignalRefused", {
  process: Schema.NullOr(ProcessIdField),
  pid: Schema.NullOr(Schema.Int),
  signal: Schema.String,
  reason: Schema.String,
})

/** Exactly one of code and signal is set; both are null when nobody could tell how it ended. */
export const ProcessExited = Schema.TaggedStruct("ProcessExited", {
  process: ProcessIdField,
  code: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.Int),
})

/** The agent came back and found the process still living. */
export const ProcessAdopted = Schema.TaggedStruct("ProcessAdopted", {
  process: ProcessIdField,
  identity: ProcessIdentity,
})

/** An ended process was dropped from the views; the log keeps its record. */
export const ProcessFlushed = Schema.TaggedStruct("ProcessFlushed", { process: ProcessIdField })

export const ProcessEvent = Schema.Union(
  ProcessBootRequested,
  ProcessBooted,
  ProcessBootFailed,
  ProcessSignalRequested,
  ProcessSignalled,
  SignalRefused,
  ProcessExited,
  ProcessAdopted,
  ProcessFlushed,
)
export type ProcessEvent = typeof ProcessEvent.Type
