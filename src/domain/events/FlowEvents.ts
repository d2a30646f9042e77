// What flows there are: routines with slots and events, and the connections between them.

import { Schema } from "effect"

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** What becomes of a job when a call of this routine fails. */
export const ErrorHandler = Schema.Struct({
  strategy: Schema.Literal("stop", "continue", "retry", "skip"),
  maxRetries: Schema.Int,
  retryDelaySeconds: Schema.Number,
  /** Each wait is so many times the one before. */
  backoff: Schema.Number,
})
export type ErrorHandler = typeof ErrorHandler.Type

/** A routine of a flow: which class, and how it is set up. */
export const RoutineUse = Schema.Struct({
  className: Schema.String,
  config: AnyRecord,
  errorHandler: Schema.NullOr(ErrorHandler),
})
export type RoutineUse = typeof RoutineUse.Type

export const Connection = Schema.Struct({
  id: Schema.String,
  sourceRoutine: Schema.String,
  sourceEvent: Schema.String,
  targetRoutine: Schema.String,
  targetSlot: Schema.String,
  /** The event's name of a parameter → the slot's. What is not named keeps its name. */
  mapping: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
})
export type Connection = typeof Connection.Type

export const FlowDefinition = Schema.Struct({
  routines: Schema.Record({ key: Schema.String, value: RoutineUse }),
  connections: Schema.Array(Connection),
  strategy: Schema.Literal("sequential", "concurrent"),
  maxWorkers: Schema.Int,
  /** Of a whole job; null for the engine's own limit. */
  timeoutSeconds: Schema.NullOr(Schema.Number),
  /** Whether jobs of this flow leave a trace while monitoring is on. */
  monitored: Schema.Boolean,
  /** Whether jobs of this flow survive the agent. */
  durable: Schema.Boolean,
})
export type FlowDefinition = typeof FlowDefinition.Type

/** What a routine class takes and gives, as its module or program says. */
export const RoutineClass = Schema.Struct({
  name: Schema.String,
  kind: Schema.Literal("built-in", "module", "program"),
  /** Where it is written, for debuggers; absent where nobody knows. */
  file: Schema.optional(Schema.String),
  slots: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ merge: Schema.Literal("override", "append"), line: Schema.NullOr(Schema.Int) }),
  }),
  events: Schema.Array(Schema.String),
  /** Whether a call that was in the middle when the agent ended may be run again. */
  repeatable: Schema.Boolean,
})
export type RoutineClass = typeof RoutineClass.Type

/** All routine classes that can be used from now on; those found before and not named any more are gone. */
const RoutineClassesFound = Schema.TaggedStruct("RoutineClassesFound", { classes: Schema.Array(RoutineClass) })

const FlowDefined = Schema.TaggedStruct("FlowDefined", { flow: Schema.String, definition: FlowDefinition })
const FlowRemoved = Schema.TaggedStruct("FlowRemoved", { flow: Schema.String })
const RoutineAdded = Schema.TaggedStruct("RoutineAdded", {
  flow: Schema.String,
  routine: Schema.String,
  use: RoutineUse,
})
/** Its connections went with it. */
const RoutineRemoved = Schema.TaggedStruct("RoutineRemoved", { flow: Schema.String, routine: Schema.String })
const ConnectionAdded = Schema.TaggedStruct("ConnectionAdded", { flow: Schema.String, connection: Connection })
const ConnectionRemoved = Schema.TaggedStruct("ConnectionRemoved", {
  flow: Schema.String,
  connection: Schema.String,
})

/** Whether jobs started from now on leave a trace, and how much of it the views keep of each. */
const MonitoringSwitched = Schema.TaggedStruct("MonitoringSwitched", {
  enabled: Schema.Boolean,
  maxEventsPerJob: Schema.Int,
})

export const FlowEvent = Schema.Union(
  RoutineClassesFound,
  FlowDefined,
  FlowRemoved,
  RoutineAdded,
  RoutineRemoved,
  ConnectionAdded,
  ConnectionRemoved,
  MonitoringSwitched,
)
export type FlowEvent = typeof FlowEvent.Type
