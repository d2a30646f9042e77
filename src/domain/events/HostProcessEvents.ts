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

export const HostProcessEvent = ProcessesSampled
export type HostProcessEvent = typeof HostProcessEvent.Type
