// Propeller's tasks: what was asked for, and what came of it. Between the two they are managed processes like any other.

import { Schema } from "effect"
import { ProcessId } from "../Brands.ts"
import { Profile } from "../tasks/Profile.ts"

const ProcessIdField = Schema.String.pipe(Schema.fromBrand(ProcessId))

export const TaskDefinition = Schema.Struct({
  /** As its client calls it. */
  task: Schema.String,
  /** The managed process that runs it, each time that it is started. */
  process: ProcessIdField,
  name: Schema.String,
  /** A path below the script roots; null where the module came with the task. */
  file: Schema.NullOr(Schema.String),
  /** WebAssembly, in base64. */
  module: Schema.NullOr(Schema.String),
  /** Which function of a WebAssembly module is called, with what. */
  function: Schema.String,
  inputs: Schema.Array(Schema.Number),
  arguments: Schema.Array(Schema.String),
  env: Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String })),
  daemon: Schema.Boolean,
  profile: Profile,
})
export type TaskDefinition = typeof TaskDefinition.Type

const TaskDefined = Schema.TaggedStruct("TaskDefined", { definition: TaskDefinition })

const TaskStartRequested = Schema.TaggedStruct("TaskStartRequested", { task: Schema.String })

/** It has ended and is accounted for: what it gave back, or why it failed. */
const TaskFinished = Schema.TaggedStruct("TaskFinished", {
  task: Schema.String,
  results: Schema.NullOr(Schema.Union(Schema.String, Schema.Array(Schema.Number))),
  error: Schema.NullOr(Schema.String),
})

const TaskRemoved = Schema.TaggedStruct("TaskRemoved", { task: Schema.String })

export const TaskEvent = Schema.Union(TaskDefined, TaskStartRequested, TaskFinished, TaskRemoved)
export type TaskEvent = typeof TaskEvent.Type
export type TaskFinished = typeof TaskFinished.Type
