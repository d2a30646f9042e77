// What is seen of every process of the host: who they are, told once, and their counters, told when they change.

import { Schema } from "effect"

/** What hardly changes in the life of a process. `startTicks` with `pid` says which process that pid meant at the time. */
export const ProcessFacts = Schema.Struct({
  pid: Schema.Int,
  startTicks: Schema.Number,
  parentPid: Schema.Int,
  group: Schema.Int,
  name: Schema.String,
  nice: Schema.Int,
  /** Real user id and its name; null where neither can be read. */
  uid: Schema.NullOr(Schema.Int),
  user: Schema.NullOr(Schema.String),
  /** Its arguments with spaces between, cut; whatever is not UTF-8 among them reads as U+FFFD. */
  commandLine: Schema.String,
  /** Path of its control group, which names containers and pods. */
  cgroup: Schema.NullOr(Schema.String),
})
export type ProcessFacts = typeof ProcessFacts.Type

/** pid, the kernel's letter of its state, processor time in ticks since its start, resident bytes, threads. */
const CounterRow = Schema.Tuple(Schema.Int, Schema.String, Schema.Number, Schema.Number, Schema.Int)
export type CounterRow = typeof CounterRow.Type

/**
 * One look at every process of the host. A look that is not `whole` tells what changed since the look numbered one less; who is
 * neither among the changed nor among the ended is as it was. Facts come together with counters.
 */
export const ProcessesSampled = Schema.TaggedStruct("ProcessesSampled", {
  collector: Schema.String,
  takenMicros: Schema.Number,
  look: Schema.Int,
  whole: Schema.Boolean,
  /** Processes that there are. */
  total: Schema.Int,
  /** When the host was booted, seconds since 1970: start ticks count from there. */
  bootSeconds: Schema.Number,
  facts: Schema.Array(ProcessFacts),
  changed: Schema.Array(CounterRow),
  ended: Schema.Array(Schema.Int),
})
export type ProcessesSampled = typeof ProcessesSampled.Type

/** Somebody wants a close look at one process. */
const ProcessInspectionRequested = Schema.TaggedStruct("ProcessInspectionRequested", { pid: Schema.Int })

/** What a close look saw: too dear to be had of everybody. Null for what is not ours to read. */
export const ProcessDetails = Schema.Struct({
  workingDirectory: Schema.NullOr(Schema.String),
  descriptors: Schema.NullOr(Schema.Int),
  /** Internet sockets among them. */
  connections: Schema.NullOr(Schema.Int),
  /** Regular files among them. */
  openFiles: Schema.NullOr(Schema.Int),
})
export type ProcessDetails = typeof ProcessDetails.Type

/** The outcome of the request at position `request`; all is null when there is no such process. */
const ProcessInspected = Schema.TaggedStruct("ProcessInspected", {
  request: Schema.Int,
  pid: Schema.Int,
  seen: Schema.NullOr(Schema.Struct({ facts: ProcessFacts, counters: CounterRow, details: ProcessDetails })),
})

/** Intent to end a process of the host that is none of the managed ones, alone. */
const HostProcessEndRequested = Schema.TaggedStruct("HostProcessEndRequested", {
  pid: Schema.Int,
  /** Whom the caller means; null when only the pid is known. */
  startTicks: Schema.NullOr(Schema.Number),
  /** SIGKILL at once, instead of SIGTERM first. */
  force: Schema.Boolean,
})

/** What came of the request at position `request`. */
const HostProcessEnded = Schema.TaggedStruct("HostProcessEnded", {
  request: Schema.Int,
  pid: Schema.Int,
  name: Schema.NullOr(Schema.String),
  outcome: Schema.Literal("terminated", "killed", "gone", "forbidden", "refused"),
  /** Why it was refused, or what failed. */
  reason: Schema.NullOr(Schema.String),
})
export type HostProcessEnded = typeof HostProcessEnded.Type

export const HostProcessEvent = Schema.Union(
  ProcessesSampled,
  ProcessInspectionRequested,
  ProcessInspected,
  HostProcessEndRequested,
  HostProcessEnded,
)
export type HostProcessEvent = typeof HostProcessEvent.Type
