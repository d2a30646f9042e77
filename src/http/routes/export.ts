// GET /v1/export: a range of the log as a session file.

import { Effect } from "effect"
import { exportSession } from "../../session/exportSession.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { momentOf, typesOf } from "./range.ts"

export const exportRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/export",
    role: "viewer",
    errors: "problem",
    tag: "log",
    summary: "A session file (NDJSON) that `annalist open`, `verify`, `explain` and `replay` take.",
    parameters: [
      {
        name: "from",
        description: "Position, ISO 8601 time or span back (-10m) of the first event; default the first",
      },
      { name: "to", description: "The same of the last event; default the last written" },
      { name: "types", description: "Names of events with commas between; default all" },
    ],
    answer: (request) => answer(request),
  },
]

const answer = Effect.fn("GET /v1/export")(function* (request: RouteRequest) {
  const types = yield* typesOf(request)
  const from = yield* momentOf(request, "from")
  const to = yield* momentOf(request, "to")
  const session = yield* exportSession({ from, to, types: types === null ? null : Array.from(types) }).pipe(
    Effect.mapError((error) => {
      switch (error._tag) {
        case "ExportRefused":
          return badRequest(error.reason, "export-refused")
        case "ReadFailed":
          return ofReading(error)
      }
    }),
  )
  return {
    status: 200,
    headers: {
      "content-type": "application/x-ndjson",
      "content-disposition": `attachment; filename="annalist-${session.header.from}-${session.header.to}.ndjson"`,
    },
    stream: session.bytes,
  }
})
