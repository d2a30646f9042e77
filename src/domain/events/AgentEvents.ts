// What happens to the agent itself: its life, its clock, and what it had to leave out.

import { Schema } from "effect"

/** The agent is up. Positions after it belong to this life of the agent. */
const AgentStarted = Schema.TaggedStruct("AgentStarted", {
  bootId: Schema.String,
  host: Schema.String,
  pid: Schema.Int,
  version: Schema.String,
  /** The collectives' hang limit in force: offline analysis judges by the same one. */
  hangLimitMillis: Schema.Number,
})

const AgentStopped = Schema.TaggedStruct("AgentStopped", { reason: Schema.String })

/** What the agent itself uses: processor time since its start, and its memory as Node counts it. */
const AgentSampled = Schema.TaggedStruct("AgentSampled", {
  userMicros: Schema.Number,
  systemMicros: Schema.Number,
  residentBytes: Schema.Number,
  heapTotalBytes: Schema.Number,
  heapUsedBytes: Schema.Number,
  externalBytes: Schema.Number,
})
export type AgentSampled = typeof AgentSampled.Type

/** A second has passed while something was in flight; hangs ripen on it, so that the past can be judged as the present was. */
const Ticked = Schema.TaggedStruct("Ticked", {})

/** The wall clock moved against the monotonic one. */
const ClockJumped = Schema.TaggedStruct("ClockJumped", { deltaMicros: Schema.Number })

/** Telemetry that was given up under pressure: counted, never silent. */
const TelemetryDropped = Schema.TaggedStruct("TelemetryDropped", {
  source: Schema.String,
  count: Schema.Int,
  reason: Schema.String,
})

/** A collector could not observe; its siblings went on. Said once when it begins and once when it ends. */
const CollectorFailed = Schema.TaggedStruct("CollectorFailed", {
  collector: Schema.String,
  reason: Schema.String,
})
const CollectorRecovered = Schema.TaggedStruct("CollectorRecovered", { collector: Schema.String })

/** Somebody wants the log copied into a new data directory while it is written. */
const BackupRequested = Schema.TaggedStruct("BackupRequested", { directory: Schema.String })

/** What came of the request at position `request`: the copy reaches up to `head`. */
const LogBackedUp = Schema.TaggedStruct("LogBackedUp", {
  request: Schema.Int,
  directory: Schema.String,
  head: Schema.Int,
  bytes: Schema.Number,
})
const BackupFailed = Schema.TaggedStruct("BackupFailed", {
  request: Schema.Int,
  directory: Schema.String,
  reason: Schema.String,
})

/** Stored events that are not what was written: none of them is served. A copy of what is whole is the way out. */
const LogDamageFound = Schema.TaggedStruct("LogDamageFound", {
  from: Schema.Int,
  to: Schema.Int,
  reason: Schema.String,
})

export const AgentEvent = Schema.Union(
  AgentStarted,
  AgentStopped,
  AgentSampled,
  Ticked,
  ClockJumped,
  TelemetryDropped,
  CollectorFailed,
  CollectorRecovered,
  BackupRequested,
  LogBackedUp,
  BackupFailed,
  LogDamageFound,
)
export type AgentEvent = typeof AgentEvent.Type
