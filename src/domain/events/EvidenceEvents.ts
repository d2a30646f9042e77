// What was found when a verdict turned bad, and somebody had to look at the processes behind it more closely than samples do.

import { Schema } from "effect"

/** One process: the one that holds others up, or one of those that wait. */
const ProcessExamined = Schema.TaggedStruct("ProcessExamined", {
  /** The id of the communicator. */
  subject: Schema.String,
  /** The verdict that it was examined for. */
  verdict: Schema.String,
  rank: Schema.Int,
  pid: Schema.Int,
  /** Null where nothing runs under that pid any more. */
  startTicks: Schema.NullOr(Schema.Number),
  /** The kernel's letter at the last look, and the kernel function it sleeps in; null where that cannot be read. */
  state: Schema.NullOr(Schema.String),
  waitChannel: Schema.NullOr(Schema.String),
  /** Functions of the kernel, the innermost first; only root may read them. */
  kernelStack: Schema.Array(Schema.String),
  threads: Schema.NullOr(Schema.Int),
  /** Quick looks one after another: milliseconds since the first, the kernel's letter, processor time in ticks. */
  looks: Schema.Array(Schema.Tuple(Schema.Int, Schema.String, Schema.Number)),
  /** The last lines of its output, where it is managed here. */
  output: Schema.Array(Schema.String),
})

export const EvidenceEvent = ProcessExamined
export type ProcessExamined = typeof ProcessExamined.Type
