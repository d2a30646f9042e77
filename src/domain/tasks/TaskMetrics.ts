// What the tasks use: looks in the rhythm of their profiles, as many of them kept as the profile says, and their aggregates.

import type { Envelope } from "../Envelope.ts"
import * as Samples from "../samples/Samples.ts"
import { type Children, childrenIn, treeUse } from "../samples/trees.ts"
import * as Tasks from "./Tasks.ts"

/** One look at a task's whole tree; null for what its profile leaves out or nobody can read. */
export interface Look {
  /** Wall time, µs. */
  readonly at: number
  readonly cpuPercent: number | null
  readonly residentBytes: number | null
  readonly memoryPercent: number | null
  readonly readBytes: number | null
  readonly writtenBytes: number | null
  readonly threads: number | null
  readonly descriptors: number | null
  /** Of the network namespace that the task is in. */
  readonly receivedBytes: number | null
  readonly sentBytes: number | null
  readonly uptimeSeconds: number
}

interface Series {
  /** When the next look is due, on the agent's monotonic clock, µs. */
  dueMicros: number
  /** Oldest first. */
  readonly looks: Array<Look>
}

/** Updated in place. */
export interface TaskMetrics {
  tasks: Tasks.Tasks
  samples: Samples.Samples
  readonly series: Map<string, Series>
  /** The tasks that the last event told something new of. */
  fresh: ReadonlyArray<string>
}

export const initial = (): TaskMetrics => ({
  tasks: Tasks.initial(),
  samples: Samples.initial(),
  series: new Map(),
  fresh: [],
})

export const copy = (state: TaskMetrics): TaskMetrics => ({
  ...state,
  tasks: Tasks.copy(state.tasks),
  series: new Map(Array.from(state.series, ([id, { dueMicros, looks }]) => [id, { dueMicros, looks: [...looks] }])),
})

export const evolve = (state: TaskMetrics, envelope: Envelope): TaskMetrics => {
  const { event } = envelope
  state.fresh = []
  state.tasks = Tasks.evolve(state.tasks, envelope)
  state.samples = Samples.evolve(state.samples, envelope)
  if (event._tag === "TaskRemoved") state.series.delete(event.task)
  if (event._tag === "AgentStarted") for (const series of state.series.values()) series.dueMicros = 0
  if (event._tag === "SamplesTaken" && event.collector === "processes") look(state, envelope.at, event.takenMicros)
  return state
}

/** A sample that comes so much of the interval too early is taken all the same: waiting for the next would cost a whole one. */
const earlyShare = 0.25

const look = (state: TaskMetrics, at: number, takenMicros: number): void => {
  const fresh: Array<string> = []
  let children: Children | null = null
  for (const [id, task] of state.tasks.byId) {
    const { profile } = task.definition
    if (task.status !== "running" || !profile.enabled) continue
    const series = state.series.get(id) ?? { dueMicros: 0, looks: [] }
    const interval = profile.intervalSeconds * 1e6
    if (takenMicros < series.dueMicros - interval * earlyShare) continue
    children ??= childrenIn(state.samples)
    const seen = lookAt(state.samples, task, children, at)
    if (seen === null) continue
    // On the grid of its first look, so that a late sample does not shift the later ones.
    series.dueMicros =
      series.dueMicros === 0
        ? takenMicros + interval
        : series.dueMicros + interval * (1 + Math.max(0, Math.floor((takenMicros - series.dueMicros) / interval)))
    series.looks.push(seen)
    while (series.looks.length > Math.max(1, profile.history)) series.looks.shift()
    state.series.set(id, series)
    fresh.push(id)
  }
  state.fresh = fresh
}

const lookAt = (
  samples: Samples.Samples,
  { identity, definition, startedAt }: Tasks.Task,
  children: Children,
  at: number,
): Look | null => {
  const use = identity === null ? null : treeUse(samples, identity, children)
  if (use === null) return null
  const { profile } = definition
  const total = samples.host?.last.counters.memoryTotalBytes ?? 0
  return {
    at,
    cpuPercent: profile.cpu ? use.cpuPercent : null,
    residentBytes: profile.memory ? use.residentBytes : null,
    memoryPercent: profile.memory && total > 0 ? (100 * use.residentBytes) / total : null,
    readBytes: profile.disk ? use.readBytes : null,
    writtenBytes: profile.disk ? use.writtenBytes : null,
    threads: profile.threads ? use.threads : null,
    descriptors: profile.descriptors ? use.descriptors : null,
    receivedBytes: profile.network ? use.receivedBytes : null,
    sentBytes: profile.network ? use.sentBytes : null,
    uptimeSeconds: startedAt === null ? 0 : Math.max(0, Math.floor((at - startedAt) / 1e6)),
  }
}

/** The shortest interval that a running task wants, s; null when none runs. */
export const shortestInterval = ({ tasks }: TaskMetrics): number | null => {
  let shortest: number | null = null
  for (const { status, definition } of tasks.byId.values()) {
    const { enabled, intervalSeconds } = definition.profile
    if (status === "running" && enabled) shortest = Math.min(shortest ?? Infinity, intervalSeconds)
  }
  return shortest
}
