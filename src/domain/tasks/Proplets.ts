// The proplets of the channel, our own among them: when each was last heard, and the latest of its metrics.

import type { Envelope } from "../Envelope.ts"
import type { AgentSampled } from "../events/AgentEvents.ts"
import type { PropletReported } from "../events/PropletEvents.ts"

export interface Proplet {
  /** Wall time of its last word, µs. */
  heardAt: number
  offline: boolean
  /** Messages as they came, in JSON, oldest first. */
  readonly metrics: Array<string>
}

interface ForeignTask {
  readonly proplet: string
  readonly metrics: Array<string>
}

/** Updated in place. */
export interface Proplets {
  /** The one heard last comes last. */
  readonly byId: Map<string, Proplet>
  readonly tasks: Map<string, ForeignTask>
  readonly own: {
    /** Oldest first. */
    readonly looks: Array<{ readonly at: number; readonly sample: AgentSampled; readonly percent: number }>
    mono: number
  }
}

const mostProplets = 10_000
const mostTasks = 10_000
/** Messages that are kept of each; fewer where there are many, so that all of them together stay bounded. */
const keptOf = (count: number): number => (count <= 1000 ? 100 : 10)
const ownKept = 100

/** Propeller's own limit: silent for longer, it is not alive. */
const aliveMicros = 10e6

export const initial = (): Proplets => ({ byId: new Map(), tasks: new Map(), own: { looks: [], mono: 0 } })

export const copy = (state: Proplets): Proplets => ({
  byId: new Map(Array.from(state.byId, ([id, one]) => [id, { ...one, metrics: [...one.metrics] }])),
  tasks: new Map(Array.from(state.tasks, ([id, one]) => [id, { ...one, metrics: [...one.metrics] }])),
  own: { looks: [...state.own.looks], mono: state.own.mono },
})

export const isAlive = ({ heardAt, offline }: Proplet, now: number): boolean => !offline && now - heardAt <= aliveMicros

export const evolve = (state: Proplets, { event, at, mono }: Envelope): Proplets => {
  if (event._tag === "PropletReported") hear(state, event, at)
  if (event._tag === "AgentStarted") state.own.looks.length = 0
  if (event._tag === "AgentSampled") {
    const before = state.own.looks.at(-1)?.sample
    const percent = before === undefined ? 0 : percentBetween(before, event, mono - state.own.mono)
    state.own.mono = mono
    push(state.own.looks, { at, sample: event, percent }, ownKept)
  }
  return state
}

const hear = (state: Proplets, { proplet: id, kind, task, payload }: PropletReported, at: number): void => {
  const known = state.byId.get(id) ?? { heardAt: at, offline: false, metrics: [] }
  known.heardAt = at
  known.offline = kind === "offline"
  state.byId.delete(id)
  state.byId.set(id, known)
  if (kind === "metrics") push(known.metrics, payload, keptOf(state.byId.size))
  if (kind === "task_metrics" && task !== null) hearTask(state, id, task, payload)
  forgetFirst(state.byId, mostProplets)
}

/** A proplet of ours, too, tells the same look on two topics: once is enough. */
const hearTask = ({ tasks }: Proplets, proplet: string, id: string, payload: string): void => {
  const known = tasks.get(id) ?? { proplet, metrics: [] }
  if (known.metrics.at(-1) === payload) return
  push(known.metrics, payload, keptOf(tasks.size))
  tasks.delete(id)
  tasks.set(id, known)
  forgetFirst(tasks, mostTasks)
}

const push = <A>(list: Array<A>, one: A, most: number): void => {
  list.push(one)
  if (list.length > most) list.splice(0, list.length - most)
}

const forgetFirst = (map: Map<string, unknown>, most: number): void => {
  for (const id of map.keys()) {
    if (map.size <= most) return
    map.delete(id)
  }
}

const percentBetween = (before: AgentSampled, after: AgentSampled, micros: number): number =>
  micros <= 0 ? 0 : (100 * (after.userMicros + after.systemMicros - before.userMicros - before.systemMicros)) / micros
