// Seed 003: flows, jobs and their debugger under /api.

import type { Route } from "../Route.ts"
import { debugCommands } from "./routilux/debugCommands.ts"
import { flowCommands } from "./routilux/flowCommands.ts"
import { flowQueries } from "./routilux/flowQueries.ts"
import { jobCommands } from "./routilux/jobCommands.ts"
import { jobQueries } from "./routilux/jobQueries.ts"
import { jobSteps } from "./routilux/jobSteps.ts"
import { common, type Submit } from "./routilux/submitting.ts"

export interface FlowSettings {
  /** The one way in, for commands about flows. */
  readonly submit: Submit
  /** Whether POST …/debug/evaluate answers. */
  readonly mayEvaluate: boolean
}

export const routiluxRoutes = ({ submit, mayEvaluate }: FlowSettings): ReadonlyArray<Route> => [
  {
    ...common,
    _tag: "Query",
    method: "GET",
    path: "/api/health",
    role: "anyone",
    summary: "Whether the agent answers.",
    answer: () => ({ status: 200, body: { status: "healthy" } }),
  },
  ...flowQueries,
  ...flowCommands(submit),
  ...jobQueries,
  ...jobSteps,
  ...jobCommands(submit),
  ...debugCommands(submit, mayEvaluate),
]
