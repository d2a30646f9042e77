// What is asked about flows: lists, one of them, its routines and connections, its text, its jobs' figures.

import { writeText } from "../../../domain/flows/dslText.ts"
import { flows } from "../../../projections/flows.ts"
import { connectionAnswers, flowAnswer, jobAnswer, validationAnswer } from "../../../wire/flows.ts"
import { Problem } from "../../Problem.ts"
import type { Answer, QueryRoute, RouteRequest } from "../../Route.ts"
import { common, flowOf, unfit } from "./submitting.ts"

const query = { ...common, _tag: "Query", method: "GET", role: "viewer" } as const

type Found = Exclude<ReturnType<typeof flowOf>, Problem>

const ofFlow =
  (answer: (found: Found, request: RouteRequest) => unknown): QueryRoute["answer"] =>
  (request, view) => {
    const found = flowOf(view, request.params["flow"] ?? "")
    if (found instanceof Problem) return found
    const body = answer(found, request)
    return body instanceof Problem ? body : ({ status: 200, body } satisfies Answer)
  }

export const flowQueries: ReadonlyArray<QueryRoute> = [
  {
    ...query,
    path: "/api/flows",
    summary: "Every flow.",
    answer: (_, view) => {
      const state = view.state(flows)
      const all = Array.from(state.flows.values(), (flow) => flowAnswer(flow, state))
      return { status: 200, body: { flows: all, total: all.length } }
    },
  },
  {
    ...query,
    path: "/api/flows/:flow",
    summary: "One flow.",
    answer: ofFlow(({ flow, state }) => flowAnswer(flow, state)),
  },
  {
    ...query,
    path: "/api/flows/:flow/routines",
    summary: "Its routines, with their slots and events.",
    answer: ofFlow(({ flow, state }) => flowAnswer(flow, state).routines),
  },
  {
    ...query,
    path: "/api/flows/:flow/connections",
    summary: "Its connections, in order; an index names one.",
    answer: ofFlow(({ flow }) => connectionAnswers(flow)),
  },
  {
    ...query,
    path: "/api/flows/:flow/dsl",
    summary: "Its text, as YAML or JSON.",
    parameters: [{ name: "format", description: "yaml (default) or json" }],
    answer: ofFlow(({ flow }, request) => {
      const format = request.query.get("format") ?? "yaml"
      if (format !== "yaml" && format !== "json") return unfit("format is yaml or json")
      return { format, dsl: writeText(flow.id, flow.definition, format) }
    }),
  },
  {
    ...query,
    path: "/api/flows/:flow/validate",
    summary: "What is to say of it: faults, circles, routines that nothing reaches.",
    answer: ofFlow(({ flow, state }) => validationAnswer(flow, state)),
  },
  {
    ...query,
    path: "/api/flows/:flow/metrics",
    summary: "How its jobs ended.",
    answer: ofFlow(({ flow, state }) => {
      const jobs = Array.from(state.jobs.values()).filter((job) => job.flow === flow.id)
      return {
        flow_id: flow.id,
        total_jobs: jobs.length,
        completed_jobs: jobs.filter(({ status }) => status === "completed").length,
        failed_jobs: jobs.filter(({ status }) => status === "failed").length,
        job_metrics: jobs.map(jobAnswer),
      }
    }),
  },
  {
    ...query,
    path: "/api/monitoring",
    summary: "Whether jobs leave a trace.",
    answer: (_, view) => {
      const { enabled, maxEventsPerJob } = view.state(flows).monitoring
      return { status: 200, body: { enabled, max_events_per_job: maxEventsPerJob } }
    },
  },
]
