// What is asked about jobs: lists, one of them, figures, breakpoints, and what a debugger reads where one stands still.

import type { Job, JobStatus } from "../../../domain/flows/Job.ts"
import { flows } from "../../../projections/flows.ts"
import {
  breakpointAnswer,
  callStackAnswer,
  jobAnswer,
  metricsAnswer,
  sessionAnswer,
  stateAnswer,
  variablesAnswer,
} from "../../../wire/flows.ts"
import type { View } from "../../../projections/Views.ts"
import { Problem } from "../../Problem.ts"
import type { QueryRoute, RouteRequest } from "../../Route.ts"
import { hasSession, noSession } from "./debugging.ts"
import { common, debugging, jobOf, unfit } from "./submitting.ts"

const query = { ...common, _tag: "Query", method: "GET", role: "viewer" } as const

const ofJob =
  (answer: (job: Job, view: View) => unknown): QueryRoute["answer"] =>
  (request, view) => {
    const job = jobOf(view, request.params["job"] ?? "")
    if (job instanceof Problem) return job
    const body = answer(job, view)
    return body instanceof Problem ? body : { status: 200, body }
  }

/** In the past every place can be looked at: what is asked about it changes nothing. */
const inSession =
  (answer: (job: Job) => unknown): QueryRoute["answer"] =>
  (request, view) =>
    ofJob((job) => (hasSession(job) || request.query.has("at") ? answer(job) : noSession(job)))(request, view)

const callStack = (name: string): QueryRoute => ({
  ...query,
  ...debugging,
  path: `/api/jobs/:job/debug/${name}`,
  summary: "The calls that led to where it stands.",
  answer: inSession(callStackAnswer),
})

export const jobQueries: ReadonlyArray<QueryRoute> = [
  {
    ...query,
    path: "/api/jobs",
    summary: "Jobs, the latest first.",
    parameters: [
      { name: "flow_id", description: "only of this flow" },
      { name: "status", description: "only in this state" },
      { name: "limit", description: "1 to 1000, default 100" },
      { name: "offset", description: "so many are left out" },
    ],
    answer: list,
  },
  { ...query, path: "/api/jobs/:job", summary: "One job.", answer: ofJob(jobAnswer) },
  {
    ...query,
    path: "/api/jobs/:job/status",
    summary: "Its state in one word.",
    answer: ofJob(({ id, flow, status }) => ({ job_id: id, flow_id: flow, status })),
  },
  {
    ...query,
    path: "/api/jobs/:job/state",
    summary: "What waits, what runs, what is shared, where it stands.",
    answer: ofJob(stateAnswer),
  },
  {
    ...query,
    path: "/api/jobs/:job/metrics",
    summary: "Its figures, and those of each routine.",
    answer: ofJob((job, view) => metricsAnswer(job, view.at)),
  },
  {
    ...query,
    ...debugging,
    path: "/api/jobs/:job/breakpoints",
    summary: "Its breakpoints, with their hits.",
    answer: ofJob((job) => {
      const all = Array.from(job.breakpoints.values(), (one) => breakpointAnswer(job.id, one))
      return { breakpoints: all, total: all.length }
    }),
  },
  {
    ...query,
    ...debugging,
    path: "/api/jobs/:job/debug/session",
    summary: "Whether somebody debugs it, and where it stands.",
    answer: ofJob((job) => (hasSession(job) ? sessionAnswer(job) : { status: "no_session", job_id: job.id })),
  },
  {
    ...query,
    ...debugging,
    path: "/api/jobs/:job/debug/variables",
    summary: "Variables where it stands: local and shared.",
    answer: inSession(variablesAnswer),
  },
  callStack("call_stack"),
  callStack("call-stack"),
]

const states: ReadonlyArray<JobStatus> = ["pending", "running", "paused", "completed", "failed", "cancelled"]

function list(request: RouteRequest, view: View) {
  const { query } = request
  const status = query.get("status")
  const limit = whole(query.get("limit"), 100, 1, 1000)
  const offset = whole(query.get("offset"), 0, 0, Number.MAX_SAFE_INTEGER)
  if (limit === null) return unfit("limit is a whole number from 1 to 1000")
  if (offset === null) return unfit("offset is a whole number from 0 on")
  if (status !== null && !states.some((one) => one === status)) return unfit(`status is one of ${states.join(", ")}`)
  const flow = query.get("flow_id")
  const fits = (job: Job) => (flow === null || job.flow === flow) && (status === null || job.status === status)
  const all = Array.from(view.state(flows).jobs.values()).filter(fits).reverse()
  return { status: 200, body: { jobs: all.slice(offset, offset + limit).map(jobAnswer), total: all.length } }
}

export const whole = (text: string | null, otherwise: number, least: number, most: number): number | null => {
  if (text === null) return otherwise
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return number >= least && number <= most ? number : null
}
