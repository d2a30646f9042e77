// GET /v1/ccl/…: what the collectives' fold knows at any moment; the same bytes live, opened and looked back at.

import { Either, type Schema } from "effect"
import { judge } from "../../domain/collectives/judge.ts"
import { collectives } from "../../projections/collectives.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { View } from "../../projections/Views.ts"
import {
  CommunicatorsAnswer,
  communicatorsAnswer,
  MatrixAnswer,
  matrixAnswer,
  RanksAnswer,
  ranksAnswer,
  StatisticsAnswer,
  statisticsAnswer,
  VerdictAnswer,
  verdictAnswer,
  WaitsAnswer,
  waitsAnswer,
} from "../../wire/verdict.ts"
import { Problem } from "../Problem.ts"
import type { QueryRoute, Route, RouteRequest } from "../Route.ts"

/** `communicator` is the id asked for, known to be there, or null for all. */
type Tell = (view: View, communicator: string | null) => unknown

export const communicatorParameter = {
  name: "communicator",
  description: "Only this one, by its id as /v1/ccl/communicators tells it; default all",
}

export const communicatorOf = (request: RouteRequest, view: View): Either.Either<string | null, Problem> => {
  const id = request.query.get("communicator")
  if (id === null || id === "") return Either.right(null)
  if (view.state(collectives).communicators.has(id)) return Either.right(id)
  const detail = `no communicator ${JSON.stringify(id.slice(0, 80))} at that moment; /v1/ccl/communicators lists those there are`
  return Either.left(new Problem({ status: 404, kind: "no-such-communicator", detail }))
}

const common = { _tag: "Query", method: "GET", role: "viewer", errors: "problem", tag: "collectives" } as const

const route = (
  path: `/v1/ccl/${string}`,
  summary: string,
  response: Schema.Schema.AnyNoContext,
  tell: Tell,
): QueryRoute => ({
  ...common,
  path,
  summary,
  response,
  parameters: [communicatorParameter],
  answer: (request, view) =>
    Either.match(communicatorOf(request, view), {
      onLeft: (problem) => problem,
      onRight: (communicator) => ({ status: 200, body: tell(view, communicator) }),
    }),
})

const known = (view: View) => ({
  collectives: view.state(collectives),
  processes: view.state(processes),
  samples: view.state(samples),
})

export const cclQueries: ReadonlyArray<Route> = [
  {
    ...common,
    path: "/v1/ccl/verdict",
    summary: "Which rank holds a job up, since when, and what is known of its process; worst first.",
    response: VerdictAnswer,
    answer: (_, view) => ({ status: 200, body: verdictAnswer(judge(known(view), view.at), view.position) }),
  },
  route(
    "/v1/ccl/communicators",
    "Groups of ranks that take part in the same collectives, as far as their records tell.",
    CommunicatorsAnswer,
    (view, communicator) => communicatorsAnswer(view.state(collectives), view.position, communicator),
  ),
  route(
    "/v1/ccl/ranks",
    "Each rank: how often it came last, what that cost the others, its compute between collectives, its clock.",
    RanksAnswer,
    (view, communicator) => ranksAnswer(view.state(collectives), view.position, communicator),
  ),
  route(
    "/v1/ccl/matrix",
    "What each rank sent to each other one point to point, and who kept whom waiting.",
    MatrixAnswer,
    (view, communicator) => matrixAnswer(view.state(collectives), view.position, communicator),
  ),
  route(
    "/v1/ccl/statistics",
    "Transfer times, skew and bus bandwidth by kind and size of operation; regressions; seconds lost by file and host.",
    StatisticsAnswer,
    (view, communicator) => statisticsAnswer(view.state(collectives), view.position, communicator),
  ),
  route(
    "/v1/ccl/waits",
    "Who is in an operation now, since when, and for whom it waits.",
    WaitsAnswer,
    (view, communicator) => waitsAnswer(view.state(collectives), view.at, view.position, communicator),
  ),
]
