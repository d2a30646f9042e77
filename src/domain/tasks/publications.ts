// What is published to Propeller's topics because of an event: a pure function of the log, so that whatever the broker missed can be told later.

import type { Envelope } from "../Envelope.ts"
import { aggregatedOf, metricsOf, propletMetricsOf } from "./messages.ts"
import * as Proplets from "./Proplets.ts"
import * as TaskMetrics from "./TaskMetrics.ts"

export interface Publication {
  /** Below the channel's prefix. */
  readonly topic: string
  readonly payload: object
}

export interface Node {
  readonly proplet: string
  readonly namespace: string
}

/** Updated in place. */
export interface Published {
  tasks: TaskMetrics.TaskMetrics
  proplets: Proplets.Proplets
}

export const evolve = (state: Published, envelope: Envelope): Published => {
  state.tasks = TaskMetrics.evolve(state.tasks, envelope)
  state.proplets = Proplets.evolve(state.proplets, envelope)
  return state
}

/** After the event has been folded. */
export const publicationsOf = (
  { tasks, proplets }: Published,
  { event }: Envelope,
  node: Node,
): ReadonlyArray<Publication> => {
  if (event._tag === "AgentSampled") {
    const look = proplets.own.looks.at(-1)
    return look === undefined ? [] : [{ topic: "control/proplet/metrics", payload: propletMetricsOf(look, node) }]
  }
  if (event._tag === "TaskFinished") {
    const { task: task_id, results, error } = event
    const payload = { task_id, results, error: error ?? "", proplet_id: node.proplet }
    return [{ topic: "control/proplet/results", payload }]
  }
  return tasks.fresh.flatMap((task) => taskPublications(tasks, task, node))
}

const taskPublications = (
  { tasks, series }: TaskMetrics.TaskMetrics,
  task: string,
  { proplet }: Node,
): ReadonlyArray<Publication> => {
  const profile = tasks.byId.get(task)?.definition.profile
  const looks = series.get(task)?.looks ?? []
  const last = looks.at(-1)
  if (profile === undefined || last === undefined || !profile.exported) return []
  const payload = {
    task_id: task,
    proplet_id: proplet,
    metrics: metricsOf(last),
    ...(profile.history > 0 ? { aggregated: aggregatedOf(looks) } : {}),
  }
  // Where Go proplets tell it, and where Rust ones do.
  return [
    { topic: "control/proplet/task_metrics", payload },
    { topic: "metrics/proplet", payload },
  ]
}
