// Seed 003's WebSockets: a job's monitor, a flow's, the debugger's, and the general one.

import { Effect } from "effect"
import type { OpenSocket } from "../../RouteSettings.ts"
import type { Route, RouteRequest, SocketRoute } from "../../Route.ts"
import { Problem } from "../../Problem.ts"
import { converseDebugging } from "./debugSocket.ts"
import { converseGenerally } from "./generalSocket.ts"
import { monitorFlow, monitorJob } from "./monitors.ts"
import { whole } from "./jobQueries.ts"
import { flowOf, jobOf, unfit } from "./submitting.ts"

const socket = { _tag: "Socket", method: "GET", role: "viewer", errors: "detail", tag: "sockets" } as const
const parameters = [{ name: "from", description: "tells from this position of the log on; from now on unless given" }]

const problemIn = (found: unknown): Problem | null => (found instanceof Problem ? found : null)

const fromFault = (request: RouteRequest): Problem | null =>
  whole(request.query.get("from"), 1, 1, Number.MAX_SAFE_INTEGER) === null
    ? unfit("from is a position, from 1 on")
    : null

const ofJob: SocketRoute["admit"] = (request, view) =>
  problemIn(jobOf(view, request.params["job"] ?? "")) ?? fromFault(request)

const general = (path: string): SocketRoute => ({
  ...socket,
  path,
  summary: 'Subscribes to jobs: {"type":"subscribe","job_id"}; to all of them without an id.',
  parameters,
  admit: fromFault,
  converse: converseGenerally,
})

export const sockets = (mayEvaluate: boolean, open: () => ReadonlyArray<OpenSocket>): ReadonlyArray<Route> => [
  {
    ...socket,
    path: "/api/ws/jobs/:job/monitor",
    summary: "A job's figures, then each of its events as it happens.",
    parameters,
    admit: ofJob,
    converse: monitorJob,
  },
  {
    ...socket,
    path: "/api/ws/flows/:flow/monitor",
    summary: "The events of all jobs of a flow.",
    parameters,
    admit: (request, view) => problemIn(flowOf(view, request.params["flow"] ?? "")) ?? fromFault(request),
    converse: monitorFlow,
  },
  {
    ...socket,
    role: "operator",
    path: "/api/ws/jobs/:job/debug",
    parameters,
    summary: "A debugger's session: commands, their results, and where the job stops.",
    admit: ofJob,
    converse: converseDebugging(mayEvaluate),
  },
  general("/api/ws"),
  general("/ws"),
  {
    _tag: "Effect",
    method: "GET",
    path: "/api/ws/status",
    role: "viewer",
    errors: "detail",
    tag: "sockets",
    summary: "How many watch each job, and what waits for them.",
    answer: () => Effect.sync(() => ({ status: 200, body: statusOf(open()) })),
  },
]

const statusOf = (open: ReadonlyArray<OpenSocket>) => {
  const jobs = new Map<string, { subscriber_count: number; queue_size: number; max_size: number }>()
  for (const { about, queued, most } of open) {
    for (const id of about) {
      const job = jobs.get(id) ?? { subscriber_count: 0, queue_size: 0, max_size: most }
      jobs.set(id, { ...job, subscriber_count: job.subscriber_count + 1, queue_size: Math.max(job.queue_size, queued) })
    }
  }
  return { connections: open.length, jobs: Object.fromEntries(jobs) }
}
