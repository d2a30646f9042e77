// GET /v1/export: a range of the log as a session file, or in another of the formats.

import { Effect, Either } from "effect"
import { exportSession } from "../../session/exportSession.ts"
import type { Format } from "../../session/Format.ts"
import { formatNamed, formats } from "../../session/formats.ts"
import { tables } from "../../session/tables/tables.ts"
import { viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import type { Problem } from "../Problem.ts"
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
    summary: "A range of the log as a session file, which `annalist open` takes, or in another format.",
    parameters: [
      momentParameter,
      {
        name: "from",
        description: "Position, ISO 8601 time or span back (-10m) of the first event; default the first",
      },
      { name: "to", description: "The same of the last event; default the last written" },
      { name: "types", description: "Names of events with commas between; default all" },
      {
        name: "format",
        description: formats.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
      },
      {
        name: "table",
        description: `Of parquet and csv: ${tables.map(({ name }) => name).join(", ")}; default events`,
      },
    ],
    answer: (request) => answer(request),
  },
]

const answer = Effect.fn("GET /v1/export")(function* (request: RouteRequest) {
  const types = yield* typesOf(request)
  // As it was then: what came later is not in it.
  const upTo = request.query.has("at") ? (yield* viewAsked(request)).position : null
  const from = yield* momentOf(request, "from")
  const to = yield* momentOf(request, "to")
  const format = yield* formatOf(request)
  const session = yield* exportSession({
    from,
    to,
    types: types === null ? null : Array.from(types),
    format,
    upTo,
  }).pipe(
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
      "content-type": format.contentType,
      "content-disposition": `attachment; filename="annalist-${session.header.from}-${session.header.to}${format.extension}"`,
    },
    stream: session.bytes,
  }
})

const formatOf = (request: RouteRequest): Either.Either<Format, Problem> => {
  const name = request.query.get("format")
  const found = formatNamed(name === null || name === "" ? "ndjson" : name, request.query.get("table"))
  return typeof found === "string" ? Either.left(badRequest(found, "bad-format")) : Either.right(found)
}
