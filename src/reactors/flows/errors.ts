// What an error handler makes of a call that failed.

import type { ErrorHandler } from "../../domain/events/FlowEvents.ts"
import type { Call, Job } from "../../domain/flows/Job.ts"

const mostDelayMillis = 3_600_000

/** Errors in a handler are recorded and tolerated; in the entry call, and where a routine has a handler of its own, that one decides. */
const handlerOf = (job: Job, call: Call): ErrorHandler | null =>
  job.definition.routines[call.routine]?.errorHandler ?? null

export interface Outcome {
  readonly outcome: "stop" | "continue" | "retry" | "skip"
  /** What it means for the job. */
  readonly then: "stop" | "go on"
}

export const outcomeOf = (job: Job, call: Call, mayRetry: boolean): Outcome => {
  const handler = handlerOf(job, call)
  const isEntry = call.cause === null
  const strategy = handler?.strategy ?? (isEntry ? "stop" : "continue")
  if (strategy === "retry" && mayRetry && call.attempt <= (handler?.maxRetries ?? 0)) {
    return { outcome: "retry", then: "go on" }
  }
  const final = strategy === "retry" ? (isEntry ? "stop" : "continue") : strategy
  return { outcome: final, then: final === "stop" ? "stop" : "go on" }
}

export const retryDelayMillis = (job: Job, call: Call): number => {
  const handler = handlerOf(job, call)
  if (handler === null) return 0
  return Math.min(mostDelayMillis, handler.retryDelaySeconds * 1000 * handler.backoff ** (call.attempt - 1))
}
