// GET /metrics: seed 000's JSON, or the same numbers for Prometheus when it asks; GET /v1/metrics: every number, for Prometheus or InfluxDB.

import { MetricsAnswer } from "../../wire/agent.ts"
import { metricFamilies } from "../../projections/metrics/metricFamilies.ts"
import type { View } from "../../projections/Views.ts"
import { names, wantsPrometheus } from "../accepts.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Answer, Route, RouteRequest } from "../Route.ts"
import { metricsAnswer } from "./metricsAnswer.ts"
import * as Prometheus from "./prometheus.ts"

const common = { _tag: "Query", method: "GET", role: "viewer", tag: "agent" } as const

export const metricsRoutes: ReadonlyArray<Route> = [
  {
    ...common,
    path: "/metrics",
    errors: "error",
    summary: "The host's and the script's latest sample; Prometheus text when Accept names text/plain or OpenMetrics.",
    response: MetricsAnswer,
    answer: (request, view) => {
      return wantsPrometheus(request.headers) ? told(request, view) : { status: 200, body: metricsAnswer(view) }
    },
  },
  {
    ...common,
    path: "/v1/metrics",
    errors: "problem",
    summary: "Every number that the agent has, as Prometheus text, OpenMetrics by Accept, or InfluxDB's line protocol.",
    parameters: [{ name: "format", description: "prometheus (the default) or influx" }],
    answer: (request, view) => inFormat(request, view),
  },
]

/** OpenMetrics where it is named, as Prometheus itself does. */
const told = (request: RouteRequest, view: View): Answer => {
  const families = metricFamilies(view)
  const isOpen = names(request.headers, "application/openmetrics-text")
  return {
    status: 200,
    headers: { "content-type": isOpen ? Prometheus.openMetricsType : Prometheus.textType, vary: "accept" },
    text: isOpen ? Prometheus.openMetrics(families) : Prometheus.text(families),
  }
}

const inFormat = (request: RouteRequest, view: View): Answer | Problem => {
  const format = request.query.get("format") ?? "prometheus"
  if (format === "prometheus") return told(request, view)
  if (format !== "influx")
    return badRequest(`format is ${JSON.stringify(format.slice(0, 60))}; there are prometheus and influx`)
  const headers = { "content-type": Prometheus.influxType }
  return { status: 200, headers, text: Prometheus.influx(metricFamilies(view), view.at) }
}
