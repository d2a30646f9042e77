// The process monitor of seed 002: the host's processes, one of them, its tree and history, and its end.

import {
  HistoryAnswer,
  KillAnswer,
  KillRequest,
  ProcessDetailsAnswer,
  ProcessListAnswer,
  TreeAnswer,
} from "../../wire/monitor.ts"
import { momentParameter } from "../parametersOf.ts"
import { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { notFound, pidOf, rowOf } from "./monitor/asking.ts"
import { listAnswer, treeAnswer } from "./monitor/entries.ts"
import { history } from "./monitor/history.ts"
import { details } from "./monitor/inspecting.ts"
import { kill } from "./monitor/killing.ts"

const question = { method: "GET", role: "viewer", errors: "error", tag: "monitor" } as const

export const monitorRoutes: ReadonlyArray<Route> = [
  {
    ...question,
    _tag: "Query",
    path: "/api/processes",
    summary: "The host's processes that take most, by processor and by memory.",
    parameters: [
      { name: "limit", description: "So many of each, 1 to 100; default 10 for the tops, 30 for `processes`" },
      { name: "sortBy", description: "How `processes` are ordered: cpu (default) or memory" },
    ],
    response: ProcessListAnswer,
    answer: (request, view) => {
      const limit = limitOf(request)
      if (limit instanceof Problem) return limit
      const sortBy = request.query.get("sortBy") ?? "cpu"
      if (sortBy !== "cpu" && sortBy !== "memory") return badRequest("sortBy must be cpu or memory")
      return { status: 200, body: listAnswer(view, { limit, sortBy }) }
    },
  },
  {
    ...question,
    _tag: "Effect",
    path: "/api/processes/:pid",
    summary: "One process of the host. Asked about now, the agent looks at what it holds open.",
    parameters: [momentParameter],
    response: ProcessDetailsAnswer,
    answer: (request) => details(request),
  },
  {
    ...question,
    _tag: "Effect",
    path: "/api/processes/:pid/history",
    summary: "Its processor and memory over the last hours.",
    parameters: [{ name: "hours", description: "1 to 48; default 24" }, momentParameter],
    response: HistoryAnswer,
    answer: (request) => history(request),
  },
  {
    ...question,
    _tag: "Query",
    path: "/api/processes/:pid/tree",
    summary: "Its parent and all its descendants.",
    response: TreeAnswer,
    answer: (request, view) => {
      const pid = pidOf(request)
      const row = pid === null ? null : rowOf(view, pid)
      return row === null ? notFound(request) : { status: 200, body: treeAnswer(view, row) }
    },
  },
  {
    _tag: "Effect",
    method: "POST",
    path: "/api/processes/:pid/kill",
    role: "admin",
    errors: "error",
    tag: "monitor",
    summary: "Ends a process: SIGTERM, after 3 s SIGKILL; or SIGKILL at once.",
    requestBody: KillRequest,
    response: KillAnswer,
    answer: (request) => kill(request),
  },
]

const limitOf = (request: RouteRequest): number | null | Problem => {
  const text = request.query.get("limit")
  if (text === null) return null
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= 100 ? limit : badRequest("Limit must be between 1 and 100")
}
