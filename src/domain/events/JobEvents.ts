// The life of a job: what was asked of it, every step that it took, and what a debugger did to it.

import { Schema } from "effect"

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const job = { job: Schema.String }
/** Calls of slots are counted through a job, from 1. */
const call = { ...job, call: Schema.Int }

const JobRequested = Schema.TaggedStruct("JobRequested", {
  ...job,
  flow: Schema.String,
  routine: Schema.String,
  slot: Schema.String,
  input: AnyRecord,
  /** The call of another job that this one repeats, perhaps with another input. */
  origin: Schema.NullOr(Schema.Struct({ job: Schema.String, call: Schema.Int })),
  /** The job's shared data at its beginning; empty where it is absent. */
  shared: Schema.optional(AnyRecord),
})
/** The engine took it up; whether its trace and its survival are written is settled here for the whole job. */
const JobStarted = Schema.TaggedStruct("JobStarted", {
  ...job,
  monitored: Schema.Boolean,
  durable: Schema.Boolean,
})
const JobPauseRequested = Schema.TaggedStruct("JobPauseRequested", job)
const JobResumeRequested = Schema.TaggedStruct("JobResumeRequested", job)
const JobStepRequested = Schema.TaggedStruct("JobStepRequested", {
  ...job,
  mode: Schema.Literal("over", "into"),
})
const JobCancelRequested = Schema.TaggedStruct("JobCancelRequested", job)
const VariableChangeRequested = Schema.TaggedStruct("VariableChangeRequested", {
  ...job,
  name: Schema.String,
  value: Schema.Unknown,
  /** Null: where the name is known, else local. */
  scope: Schema.NullOr(Schema.Literal("local", "shared")),
})

/** Where a job can be stopped: before a call, or after an emission and before what it causes. */
export const Checkpoint = Schema.Struct({
  kind: Schema.Literal("call", "event"),
  call: Schema.Int,
  routine: Schema.String,
  slot: Schema.String,
  event: Schema.NullOr(Schema.String),
  depth: Schema.Int,
})
export type Checkpoint = typeof Checkpoint.Type

const JobPaused = Schema.TaggedStruct("JobPaused", {
  ...job,
  reason: Schema.Literal("asked", "breakpoint", "step"),
  breakpoint: Schema.NullOr(Schema.String),
  at: Schema.NullOr(Checkpoint),
})
const JobResumed = Schema.TaggedStruct("JobResumed", job)
/** It runs on until the next handler at this depth or above ("over"), or the next checkpoint anywhere ("into"). */
const JobStepped = Schema.TaggedStruct("JobStepped", {
  ...job,
  mode: Schema.Literal("over", "into"),
  depth: Schema.Int,
})
const VariableSet = Schema.TaggedStruct("VariableSet", {
  ...job,
  name: Schema.String,
  value: Schema.Unknown,
  scope: Schema.Literal("local", "shared"),
})

export const Breakpoint = Schema.Struct({
  id: Schema.String,
  type: Schema.Literal("routine", "slot", "event"),
  routine: Schema.String,
  slot: Schema.NullOr(Schema.String),
  event: Schema.NullOr(Schema.String),
  condition: Schema.NullOr(Schema.String),
  /** A logpoint: the text is written, with {expressions} filled in, and the job runs on. */
  log: Schema.NullOr(Schema.String),
  /** So many hits pass before it stops the job. */
  passes: Schema.Int,
  enabled: Schema.Boolean,
})
export type Breakpoint = typeof Breakpoint.Type

const BreakpointSet = Schema.TaggedStruct("BreakpointSet", { ...job, breakpoint: Breakpoint })
const BreakpointSwitched = Schema.TaggedStruct("BreakpointSwitched", {
  ...job,
  breakpoint: Schema.String,
  enabled: Schema.Boolean,
})
const BreakpointRemoved = Schema.TaggedStruct("BreakpointRemoved", { ...job, breakpoint: Schema.String })
/** It stopped the job. */
const BreakpointHit = Schema.TaggedStruct("BreakpointHit", { ...call, breakpoint: Schema.String })
/** It was hit and let the job run on: a logpoint with its text, or one that still lets hits pass. */
const BreakpointPassed = Schema.TaggedStruct("BreakpointPassed", {
  ...call,
  breakpoint: Schema.String,
  text: Schema.NullOr(Schema.String),
})

export const CallError = Schema.Struct({
  type: Schema.String,
  message: Schema.String,
  line: Schema.NullOr(Schema.Int),
})
export type CallError = typeof CallError.Type

/** Intent to run a handler; a repeatable one may be found in the log without it. */
const SlotCalled = Schema.TaggedStruct("SlotCalled", {
  ...call,
  routine: Schema.String,
  slot: Schema.String,
  attempt: Schema.Int,
})
/** `held`: it takes effect when its call has ended, so that a call that is run again does not emit twice. */
const EventEmitted = Schema.TaggedStruct("EventEmitted", {
  ...call,
  routine: Schema.String,
  event: Schema.String,
  data: AnyRecord,
  held: Schema.Boolean,
})
const RoutineFinished = Schema.TaggedStruct("RoutineFinished", {
  ...call,
  routine: Schema.String,
  /** Null when nobody monitors. */
  durationMicros: Schema.NullOr(Schema.Number),
  result: Schema.Unknown,
  /** What the call changed in the job's shared data. */
  shared: Schema.NullOr(AnyRecord),
})
const RoutineFailed = Schema.TaggedStruct("RoutineFailed", {
  ...call,
  routine: Schema.String,
  durationMicros: Schema.NullOr(Schema.Number),
  error: CallError,
  /** What the error handler made of it: "retry" puts the same call before all others once more. */
  outcome: Schema.Literal("stop", "continue", "retry", "skip"),
})
const JobLogged = Schema.TaggedStruct("JobLogged", {
  ...call,
  routine: Schema.String,
  level: Schema.Literal("debug", "info", "warning", "error"),
  text: Schema.String,
})

const JobFinished = Schema.TaggedStruct("JobFinished", {
  ...job,
  status: Schema.Literal("completed", "failed", "cancelled"),
  error: Schema.NullOr(CallError),
})
/** Dropped from the views; the log keeps its record. */
const JobForgotten = Schema.TaggedStruct("JobForgotten", job)

export const JobEvent = Schema.Union(
  JobRequested,
  JobStarted,
  JobPauseRequested,
  JobResumeRequested,
  JobStepRequested,
  JobCancelRequested,
  VariableChangeRequested,
  JobPaused,
  JobResumed,
  JobStepped,
  VariableSet,
  BreakpointSet,
  BreakpointSwitched,
  BreakpointRemoved,
  BreakpointHit,
  BreakpointPassed,
  SlotCalled,
  EventEmitted,
  RoutineFinished,
  RoutineFailed,
  JobLogged,
  JobFinished,
  JobForgotten,
)
export type JobEvent = typeof JobEvent.Type
