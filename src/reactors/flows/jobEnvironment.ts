// What a program that a job starts is told of the job.

import * as TraceContext from "../../domain/tracing/TraceContext.ts"

/** Ranks that it starts report their collectives under the job's id; its spans join the job's. */
export const jobEnvironment = (job: string) => ({
  ANNALIST_JOB: job,
  ANNALIST_RUN_ID: job,
  TRACEPARENT: TraceContext.traceparentOf(TraceContext.ofJob(job)),
})
