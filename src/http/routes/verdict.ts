// GET /v1/ccl/verdict: how the job's collectives stand, at any moment; the same bytes live, opened and looked back at.

import { judge } from "../../domain/collectives/judge.ts"
import { collectives } from "../../projections/collectives.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { View } from "../../projections/Views.ts"
import { VerdictAnswer, verdictAnswer } from "../../wire/verdict.ts"
import type { Route } from "../Route.ts"

export const verdictRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Query",
    method: "GET",
    path: "/v1/ccl/verdict",
    role: "viewer",
    errors: "problem",
    tag: "collectives",
    summary: "Which rank holds a job up, since when, and what is known of its process; worst first.",
    response: VerdictAnswer,
    answer: (_, view) => ({ status: 200, body: verdictAnswer(judge(known(view), view.at), view.position) }),
  },
]

const known = (view: View) => ({
  collectives: view.state(collectives),
  processes: view.state(processes),
  samples: view.state(samples),
})
