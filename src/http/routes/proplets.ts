// /proplets of Propeller's manager: this agent, and the other proplets that were heard on the broker.

import { isoTime } from "../../domain/Moment.ts"
import { propletMetricsOf } from "../../domain/tasks/messages.ts"
import { isAlive, type Proplet } from "../../domain/tasks/Proplets.ts"
import { proplets } from "../../projections/proplets.ts"
import { taskMetrics } from "../../projections/taskMetrics.ts"
import type { View } from "../../projections/Views.ts"
import { MetricsList, PropletAnswer, PropletsAnswer } from "../../wire/tasks.ts"
import { Problem } from "../Problem.ts"
import type { Route } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"
import { pageParameters, paged } from "./paged.ts"
import { parsed } from "./tasks.ts"

const common = { _tag: "Query", method: "GET", role: "viewer", errors: "error", tag: "tasks" } as const

export const propletRoutes = ({ tasks: settings }: RouteSettings): ReadonlyArray<Route> => [
  {
    ...common,
    path: "/proplets",
    summary: "This agent, and every other proplet that was heard on the broker.",
    parameters: pageParameters,
    response: PropletsAnswer,
    answer: (request, view) => paged(request, "proplets", known(view, settings), (one) => one),
  },
  {
    ...common,
    path: "/proplets/:id",
    summary: "One proplet.",
    response: PropletAnswer,
    answer: ({ params }, view) => {
      const found = known(view, settings).find(({ id }) => id === params["id"])
      return found === undefined ? notFound(params["id"] ?? "") : { status: 200, body: found }
    },
  },
  {
    ...common,
    path: "/proplets/:id/metrics",
    summary: "The latest metrics of a proplet, oldest first.",
    parameters: pageParameters,
    response: MetricsList,
    answer: (request, view) => {
      const id = request.params["id"] ?? ""
      const { byId, own } = view.state(proplets)
      if (id === settings?.proplet)
        return paged(request, "metrics", own.looks, (look) => propletMetricsOf(look, settings))
      const found = byId.get(id)
      return found === undefined ? notFound(id) : paged(request, "metrics", found.metrics, parsed)
    },
  },
]

const notFound = (id: string): Problem =>
  new Problem({
    status: 404,
    kind: "proplet-not-found",
    detail: `no proplet has the id ${JSON.stringify(id.slice(0, 100))}; GET /proplets lists them`,
  })

const known = (view: View, settings: RouteSettings["tasks"]): ReadonlyArray<PropletAnswer> => {
  const { byId, own, tasks } = view.state(proplets)
  const counts = new Map<string, number>()
  for (const { proplet } of tasks.values()) counts.set(proplet, (counts.get(proplet) ?? 0) + 1)
  const others = Array.from(byId, ([id, one]) => answerOf(id, one, counts.get(id) ?? 0, view.at))
  if (settings === undefined) return others
  const self: Proplet = { heardAt: own.looks.at(-1)?.at ?? view.at, offline: false, metrics: [] }
  return [answerOf(settings.proplet, self, view.state(taskMetrics).tasks.byId.size, view.at), ...others]
}

const answerOf = (id: string, proplet: Proplet, tasks: number, now: number): PropletAnswer => ({
  id,
  name: id,
  task_count: tasks,
  alive: isAlive(proplet, now),
  alive_at: [isoTime(proplet.heardAt)],
})
