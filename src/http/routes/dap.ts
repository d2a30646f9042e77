// The Debug Adapter Protocol on a WebSocket, a message each: what `annalist dap` carries to an editor.

import { Effect } from "effect"
import type { Route } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import { converse } from "./dap/converse.ts"

export const dapRoutes = ({ mayEvaluate = false }: Pick<RouteSettings, "mayEvaluate">): ReadonlyArray<Route> => [
  {
    _tag: "Socket",
    method: "GET",
    path: "/v1/dap",
    role: "operator",
    errors: "problem",
    tag: "debugger",
    summary: "A debugger's session in the Debug Adapter Protocol: attach to a job, or launch one.",
    admit: () => null,
    converse: ({ caller }, conversation) =>
      converse({ admit: () => Effect.succeed(caller), mayEvaluate }, conversation),
  },
]
