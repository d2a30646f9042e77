// GET /metrics: seed 000's JSON, or the same numbers for Prometheus when it asks; GET /v1/metrics: always Prometheus.

import { MetricsAnswer } from "../../wire/agent.ts"
import { wantsPrometheus } from "../accepts.ts"
import type { Answer, Route } from "../Route.ts"
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
      const metrics = metricsAnswer(view)
      return wantsPrometheus(request.headers) ? prometheus(metrics) : { status: 200, body: metrics }
    },
  },
  {
    ...common,
    path: "/v1/metrics",
    errors: "problem",
    summary: "The same numbers as Prometheus text, whatever is asked for.",
    answer: (_, view) => prometheus(metricsAnswer(view)),
  },
]

const prometheus = (metrics: MetricsAnswer): Answer => ({
  status: 200,
  headers: { "content-type": Prometheus.textType },
  text: Prometheus.text(gaugesOf(metrics)),
})

const gaugesOf = (answer: MetricsAnswer): ReadonlyArray<Prometheus.Gauge> => {
  const { process_metrics: script, ...host } = answer.metrics
  const ofHost = Object.entries({ ...host, ...answer.derived_metrics }).map(([name, value]) => ({
    name: `annalist_${name}`,
    help: `Latest sample of the host: ${name.replaceAll("_", " ")}.`,
    value,
  }))
  if (script === null) return ofHost
  const labels = { name: script.name, pid: String(script.pid) }
  const ofScript = Object.entries(script).flatMap(([name, value]) =>
    typeof value === "number" && name !== "pid" && name !== "parent_pid"
      ? [
          {
            name: `annalist_process_${name}`,
            help: `Latest sample of the script: ${name.replaceAll("_", " ")}.`,
            labels,
            value,
          },
        ]
      : [],
  )
  return [...ofHost, ...ofScript]
}
