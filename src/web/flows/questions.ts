// What the flows' view asks: flows, jobs, and where a job stands.

import type {
  breakpointAnswer,
  callStackAnswer,
  flowAnswer,
  jobAnswer,
  metricsAnswer,
  stateAnswer,
  traceAnswer,
  variablesAnswer,
} from "../../wire/flows.ts"
import { typesOf } from "../EventLine.ts"
import { question, type Question } from "../Question.ts"

export type FlowAnswer = ReturnType<typeof flowAnswer>
export type JobAnswer = ReturnType<typeof jobAnswer>
export type JobState = ReturnType<typeof stateAnswer>
export type JobMetrics = ReturnType<typeof metricsAnswer>
export type TraceEntry = ReturnType<typeof traceAnswer>
export type Breakpoint = ReturnType<typeof breakpointAnswer>
export type Variables = ReturnType<typeof variablesAnswer>
export type CallStack = ReturnType<typeof callStackAnswer>

export const flowsAsked = question<{ readonly flows: ReadonlyArray<FlowAnswer> }>(
  "api/flows",
  {},
  1_000,
  typesOf("flow"),
)
export const jobsAsked = (
  flow: string,
): Question<{ readonly jobs: ReadonlyArray<JobAnswer>; readonly total: number }> =>
  question("api/jobs", { flow_id: flow, limit: 50 }, 1_000, jobTypes)

const jobTypes = [...typesOf("flow", "job"), "JobForgotten"]

const jobPath = (job: string): string => `api/jobs/${encodeURIComponent(job)}`
export const jobStateAsked = (job: string) => question<JobState>(`${jobPath(job)}/state`, {}, 1_000, jobTypes)
export const jobMetricsAsked = (job: string) => question<JobMetrics>(`${jobPath(job)}/metrics`, {}, 1_000, jobTypes)
export const traceAsked = (job: string) =>
  question<{ readonly events: ReadonlyArray<TraceEntry>; readonly recorded: number }>(
    `${jobPath(job)}/trace`,
    {
      limit: 400,
    },
    1_000,
    jobTypes,
  )
export const breakpointsAsked = (job: string) =>
  question<{ readonly breakpoints: ReadonlyArray<Breakpoint> }>(`${jobPath(job)}/breakpoints`, {}, 1_000, jobTypes)
export const variablesAsked = (job: string) =>
  question<Variables>(`${jobPath(job)}/debug/variables`, {}, 1_000, jobTypes)
export const callStackAsked = (job: string) =>
  question<CallStack>(`${jobPath(job)}/debug/call_stack`, {}, 1_000, jobTypes)

/** Only a job that stands still has a place to look at; in the past, every one has. */
export const jobQuestions = (job: string, standsStill: boolean): ReadonlyArray<Question<unknown>> => [
  jobStateAsked(job),
  jobMetricsAsked(job),
  traceAsked(job),
  breakpointsAsked(job),
  ...(standsStill ? [variablesAsked(job), callStackAsked(job)] : []),
]

export const jobUrl = jobPath
