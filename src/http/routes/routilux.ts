// Seed 003: flows, jobs and their debugger under /api.

import type { Route } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import { debugCommands } from "./routilux/debugCommands.ts"
import { flowCommands } from "./routilux/flowCommands.ts"
import { flowQueries } from "./routilux/flowQueries.ts"
import { jobCommands } from "./routilux/jobCommands.ts"
import { jobQueries } from "./routilux/jobQueries.ts"
import { jobSteps } from "./routilux/jobSteps.ts"
import { sockets } from "./routilux/sockets.ts"
import { common } from "./routilux/submitting.ts"

type FlowSettings = Pick<RouteSettings, "mayEvaluate" | "sockets">

export const routiluxRoutes = ({ mayEvaluate = false, sockets: open }: FlowSettings): ReadonlyArray<Route> => [
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
  ...flowCommands,
  ...jobQueries,
  ...jobSteps(),
  ...jobCommands,
  ...debugCommands(mayEvaluate),
  ...sockets(mayEvaluate, open ?? (() => [])),
]
