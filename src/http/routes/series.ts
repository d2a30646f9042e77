// GET /v1/series: the history of the host, of a process, of operations that are alike, over any window.

import { Effect, Either, Option, Stream } from "effect"
import type { Moment } from "../../domain/Moment.ts"
import { isoTime } from "../../domain/Moment.ts"
import { LogReader } from "../../projections/LogReader.ts"
import type { Resolution } from "../../projections/series/Resolution.ts"
import { mean, type Row } from "../../projections/series/Row.ts"
import * as Series from "../../projections/series/Series.ts"
import type { View } from "../../projections/Views.ts"
import type { SeriesAnswer } from "../../wire/series.ts"
import * as Wire from "../../wire/series.ts"
import { positionHeader, viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { momentOf } from "./range.ts"

export const seriesRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/series",
    role: "viewer",
    errors: "problem",
    tag: "agent",
    summary: "A history: rows of least, greatest, mean and last of each quantity, raw or by the minute or hour.",
    parameters: [
      momentParameter,
      {
        name: "key",
        description: "host, process/<pid>/<start ticks>, collective/…; with a slash at its end all below it",
      },
      {
        name: "from",
        description: "Position, ISO 8601 time or span back (-10m) of the first row; default an hour back",
      },
      { name: "to", description: "The same of the end; default the moment of the question" },
      { name: "resolution", description: "The finest wanted: raw, 1m, 1h; default what suits the window" },
    ],
    response: Wire.SeriesAnswer,
    answer: (request) => series(request),
  },
]

const defaultMicros = 3600e6

const series = Effect.fn("GET /v1/series")(function* (request: RouteRequest) {
  const view = yield* viewAsked(request)
  const key = yield* keyOf(request)
  const finest = yield* resolutionOf(request)
  const from = yield* momentOf(request, "from")
  const to = yield* momentOf(request, "to")
  const query: Series.SeriesQuery = {
    key,
    fromMicros: from === null ? view.at - defaultMicros : yield* microsOf(from, view),
    toMicros: to === null ? view.at + 1 : yield* microsOf(to, view),
    moment: view,
    ...(finest === null ? {} : { finest }),
  }
  // The view moves on with the log; what is told is what was asked.
  const { position } = view
  const { resolution, rows } = yield* Effect.mapError(Series.read(query), (error) =>
    error._tag === "TooManyRows"
      ? badRequest(
          `more than ${error.limit} rows lie in this window; it takes a shorter one, or one series`,
          "too-many-rows",
        )
      : ofReading(error),
  )
  const body: SeriesAnswer = { position, resolution, rows: rows.map(rowOf) }
  return { status: 200, headers: { [positionHeader]: String(position) }, body }
})

const rowOf = ({ key, label, at, looks, quantities }: Row): SeriesAnswer["rows"][number] => ({
  key,
  label,
  at: isoTime(at),
  looks,
  quantities: Object.fromEntries(
    Object.entries(quantities).map(([name, summary]) => {
      const { count, min, max, last } = summary
      return [name, { count, min, max, mean: mean(summary), last }]
    }),
  ),
})

const keyOf = (request: RouteRequest): Either.Either<string, Problem> => {
  const key = request.query.get("key") ?? ""
  return /^(host|process\/([0-9]+\/([0-9]+)?)?|collective\/[^\s]{0,200})$/.test(key)
    ? Either.right(key)
    : Either.left(
        badRequest(
          `key is ${JSON.stringify(key.slice(0, 80))}; it takes host, process/<pid>/<start ticks>, process/<pid>/, collective/<op>/ …`,
        ),
      )
}

const resolutionOf = (request: RouteRequest): Either.Either<Resolution | null, Problem> => {
  const text = request.query.get("resolution")
  if (text === null || text === "") return Either.right(null)
  return text === "raw" || text === "1m" || text === "1h"
    ? Either.right(text)
    : Either.left(badRequest(`resolution is ${JSON.stringify(text.slice(0, 40))}; it takes raw, 1m or 1h`))
}

const microsOf = (moment: Moment, view: View): Effect.Effect<number, Problem, LogReader> => {
  switch (moment._tag) {
    case "Now":
      return Effect.succeed(view.at + 1)
    case "Ago":
      return Effect.succeed(view.at - moment.micros)
    case "AtTime":
      return Effect.succeed(moment.micros)
    case "AtPosition":
      return timeOf(moment)
  }
}

const timeOf = ({ position }: Extract<Moment, { _tag: "AtPosition" }>) =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const { head } = yield* reader.source
    const found = yield* Stream.runHead(reader.read({ from: position, to: head })).pipe(Effect.mapError(ofReading))
    const at = Option.getOrNull(found)?.[0]?.at
    return (
      at ??
      (yield* new Problem({ status: 404, kind: "moment-unknown", detail: `position ${position} is not written yet` }))
    )
  })
