// GET /v1/processes/:id/logs: the last lines of a process's output, and with ?follow what comes until it ends.

import { Effect, Stream } from "effect"
import type { Outputs } from "../../commands/Outputs.ts"
import { ProcessId } from "../../domain/Brands.ts"
import { now } from "../../domain/Moment.ts"
import { isAlive } from "../../domain/processes/Processes.ts"
import * as awaiting from "../../projections/awaiting.ts"
import { Views } from "../../projections/Views.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import { notFound } from "./processes.ts"

const defaultLines = 100
const linesMost = 100_000

export const processLogs = ({ outputs = null }: RouteSettings): ReadonlyArray<Route> => [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/processes/:id/logs",
    // Output may hold anything, secrets of the process included.
    role: "operator",
    errors: "problem",
    tag: "processes",
    summary: "What a process wrote, as text; the same for those that have ended.",
    parameters: [
      { name: "last", description: `Lines from the end, 0 to ${linesMost}; ${defaultLines} by default` },
      { name: "follow", description: "true: the answer goes on until the process has ended" },
    ],
    answer: (request) => logs(request, outputs),
  },
]

const logs = Effect.fn("GET /v1/processes/:id/logs")(function* (request: RouteRequest, outputs: Outputs | null) {
  if (outputs === null) {
    return yield* new Problem({
      status: 404,
      kind: "no-output",
      detail: "a recording holds events; the output of its processes stayed where they ran",
    })
  }
  const last = Number(request.query.get("last") ?? defaultLines)
  if (!Number.isInteger(last) || last < 0 || last > linesMost) {
    return yield* badRequest(`last is a number of lines from 0 to ${linesMost}`, "bad-query")
  }
  const id = ProcessId(request.params["id"] ?? "")
  const views = yield* Views
  const process = awaiting.find(yield* Effect.mapError(views.at(now), ofReading), id)
  if (process === null) return yield* notFound(id)
  const over = views.until((view) => {
    const found = awaiting.find(view, id)
    return found === null || (!isAlive(found) && found.restartAt === null)
  })
  const follow = request.query.get("follow")
  const until = follow === null || follow === "false" ? null : Effect.ignore(over)
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    stream: outputs.lines({ process, last, until }).pipe(
      Stream.map((lines) => lines.join("")),
      Stream.encodeText,
    ),
  }
})
