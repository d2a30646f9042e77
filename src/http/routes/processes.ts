// GET /v1/processes: every process that the agent started and has not dropped, living and ended.

import { isoTime } from "../../domain/Moment.ts"
import { ProcessId } from "../../domain/Brands.ts"
import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import { processCpuPercent } from "../../domain/samples/Samples.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { View } from "../../projections/Views.ts"
import { ProcessAnswer, ProcessesAnswer } from "../../wire/state.ts"
import { limitsAnswer } from "./bootRequest.ts"
import { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Answer, Route, RouteRequest } from "../Route.ts"

const common = { _tag: "Query", method: "GET", role: "viewer", errors: "problem", tag: "processes" } as const

const statuses = ProcessAnswer.fields.status.literals

export const processRoutes: ReadonlyArray<Route> = [
  {
    ...common,
    path: "/v1/processes",
    summary: "Managed processes, the latest first; of those that failed to boot and of ended scripts the last hundred.",
    parameters: [
      { name: "status", description: `Only those that are one of these, with commas: ${statuses.join(", ")}` },
      { name: "session", description: "Only those of this session" },
    ],
    response: ProcessesAnswer,
    answer: (request, view) => listed(request, view),
  },
  {
    ...common,
    path: "/v1/processes/:id",
    summary: "One managed process.",
    response: ProcessAnswer,
    answer: (request, view) => {
      const id = request.params["id"] ?? ""
      const process = view.state(processes).byId.get(ProcessId(id))
      return process === undefined ? notFound(id) : { status: 200, body: answerOf(process, view) }
    },
  },
]

const listed = ({ query }: RouteRequest, view: View): Answer | Problem => {
  const session = query.get("session")
  const wanted = query.get("status")?.split(",") ?? statuses
  const unknown = wanted.find((one) => !statuses.some((status) => status === one))
  if (unknown !== undefined) {
    const detail = `no process has the status ${JSON.stringify(unknown.slice(0, 100))}; there are ${statuses.join(", ")}`
    return badRequest(detail, "bad-query")
  }
  const found: Array<ProcessAnswer> = []
  for (const process of view.state(processes).byId.values()) {
    if (wanted.includes(process.status) && (session === null || process.spec.session === session))
      found.push(answerOf(process, view))
  }
  return {
    status: 200,
    body: { position: view.position, processes: found.reverse() } satisfies ProcessesAnswer,
  }
}

export const notFound = (id: string): Problem =>
  new Problem({
    status: 404,
    kind: "process-not-found",
    detail: `no managed process has the id ${JSON.stringify(id.slice(0, 100))}; /v1/processes lists them`,
  })

export const answerOf = (process: ManagedProcess, view: View): ProcessAnswer => {
  const { identity, spec } = process
  const found = identity === null || !isAlive(process) ? undefined : view.state(samples).processes.get(identity.pid)
  const series = found?.last.counters.startTicks === identity?.startTicks ? found : undefined
  const counters = series?.last.counters
  return {
    id: process.id,
    name: spec.name,
    kind: spec.kind,
    status: process.status,
    pid: identity?.pid ?? null,
    argv: spec.argv,
    working_directory: spec.workingDirectory,
    script_path: spec.scriptPath,
    env: spec.env,
    user: spec.user,
    session: spec.session,
    host: process.host,
    requested_at: isoTime(process.requestedAt),
    started_at: isoOrNull(process.startedAt),
    ended_at: isoOrNull(process.endedAt),
    exit_code: process.code,
    exit_signal: process.signal,
    reason: process.reason,
    steps: spec.steps ?? [],
    tree_id: spec.treeId,
    log_path: spec.logPath,
    depends_on: spec.dependsOn ?? [],
    ready: process.ready,
    boots: process.boots,
    restart_at: isoOrNull(process.restartAt),
    limits: process.limits === null ? null : limitsAnswer(process.limits),
    failure: process.failure,
    cpu_percent: series === undefined ? null : processCpuPercent(series),
    resident_bytes: counters?.residentBytes ?? null,
    threads: counters?.threads ?? null,
    kernel_state: counters?.state ?? null,
  }
}

const isoOrNull = (micros: number | null): string | null => (micros === null ? null : isoTime(micros))
