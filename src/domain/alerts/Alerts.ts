// The rules, what they watch, and the alerts that stand: folded from the log, judged against its own clock.

import type { Position } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { Event } from "../Event.ts"
import type { AlertCleared, AlertRaised } from "../events/AlertEvents.ts"
import type { Measure } from "../events/MeasureEvents.ts"
import type { ProcessIdentity } from "../events/ProcessEvents.ts"
import { custom } from "../samples/Measures.ts"
import * as Samples from "../samples/Samples.ts"
import type { AlertRule } from "./AlertRule.ts"
import { builtIn, degraded } from "./builtIn.ts"
import { type Fault, faultsBy } from "./Fault.ts"
import * as metrics from "./metrics.ts"
import * as Watch from "./Watch.ts"

export type RuleSource = "built-in" | "file" | "request"

export interface Alert extends Omit<AlertRaised, "_tag"> {
  readonly position: Position
  readonly at: number
  readonly cleared: { readonly at: number; readonly reason: string } | null
}

interface Subject {
  readonly name: string
  readonly identity: ProcessIdentity | null
}

/** Updated in place. */
export interface Alerts {
  /** Microseconds that the log's monotonic clock has counted; no jump of the wall clock moves it. */
  clock: number
  mono: number
  bootId: string | null
  /** Where time last passed: what is judged with it has to be judged again. */
  tickedAt: Position
  readonly rules: Map<string, { readonly rule: AlertRule; readonly source: RuleSource }>
  readonly processes: Map<string, Subject>
  samples: Samples.Samples
  readonly watches: Map<string, Watch.Watch>
  readonly faults: Map<string, Fault>
  readonly raised: Map<string, Alert>
  /** The latest that were cleared, oldest first. */
  readonly ended: Array<Alert>
  /** What has to be written down now: empty again once it is. */
  due: ReadonlyArray<AlertRaised | AlertCleared>
  /** Whether the passing of time alone may change something. */
  isRipening: boolean
}

/** Beyond it, further processes are not watched: a bound, not a number that anybody should meet. */
const mostWatches = 20_000
const mostEnded = 200
const host = "host"

export const initial = (): Alerts => ({
  clock: 0,
  mono: 0,
  bootId: null,
  tickedAt: 0 as Position,
  rules: new Map(builtIn.map((rule) => [rule.name, { rule, source: "built-in" }])),
  processes: new Map(),
  samples: Samples.initial(),
  watches: new Map(),
  faults: new Map(),
  raised: new Map(),
  ended: [],
  due: [],
  isRipening: false,
})

export const copy = (state: Alerts): Alerts => ({
  ...state,
  rules: new Map(state.rules),
  processes: new Map(state.processes),
  watches: new Map(Array.from(state.watches, ([key, watch]) => [key, Watch.copy(watch)])),
  faults: new Map(state.faults),
  raised: new Map(state.raised),
  ended: [...state.ended],
})

export const keyOf = (rule: string, subject: string): string => `${rule} ${subject}`

export const evolve = (state: Alerts, envelope: Envelope): Alerts => {
  const { event } = envelope
  if (event._tag === "AgentStarted") start(state, event.bootId, envelope.mono)
  if (envelope.mono > state.mono) state.clock += envelope.mono - state.mono
  state.mono = envelope.mono
  const touched = take(state, envelope)
  const counted = count(state, event)
  const faulty = faultsBy(state.faults, event, state.clock)
  if (touched || counted || faulty) settle(state)
  return state
}

/** What was missing while the agent was not there to look is not missing. */
const start = (state: Alerts, bootId: string, mono: number): void => {
  if (bootId !== state.bootId) state.mono = mono
  state.bootId = bootId
}

/** True when something may have become due. */
const take = (state: Alerts, envelope: Envelope): boolean => {
  const { event, at, position } = envelope
  switch (event._tag) {
    case "AgentStarted":
      for (const watch of state.watches.values()) watch.seenAt = state.clock
      state.samples = Samples.evolve(state.samples, envelope)
      state.tickedAt = position
      return true
    case "Ticked":
      state.tickedAt = position
      return true
    case "SamplesTaken":
      state.samples = Samples.evolve(state.samples, envelope)
      observe(state, event.host !== null, event.collector === "processes")
      return true
    case "MeasuresTaken":
      return event.collector === custom && observeTold(state, event.measures)
    case "AlertRuleDefined":
      define(state, event.rule, event.source)
      return true
    case "AlertRuleRemoved":
      state.rules.delete(event.name)
      forget(state, ({ rule }) => rule.name === event.name)
      return true
    case "AlertRaised": {
      const { _tag, ...alert } = event
      state.raised.set(keyOf(event.rule, event.subject), { ...alert, position, at, cleared: null })
      return true
    }
    case "AlertCleared":
      return clear(state, event, at)
    default:
      return followProcesses(state, event)
  }
}

const clear = (state: Alerts, { rule, subject, reason }: AlertCleared, at: number): boolean => {
  const key = keyOf(rule, subject)
  const alert = state.raised.get(key)
  if (alert === undefined) return false
  state.raised.delete(key)
  state.ended.push({ ...alert, cleared: { at, reason } })
  if (state.ended.length > mostEnded) state.ended.shift()
  return true
}

const followProcesses = (state: Alerts, event: Event): boolean => {
  switch (event._tag) {
    case "ProcessBootRequested":
      state.processes.set(event.process, { name: event.spec.name, identity: null })
      watchProcess(state, event.process, event.spec.name)
      return false
    case "ProcessBooted":
    case "ProcessAdopted": {
      const known = state.processes.get(event.process)
      if (known !== undefined) state.processes.set(event.process, { ...known, identity: event.identity })
      return false
    }
    case "ProcessFlushed":
      state.processes.delete(event.process)
      return forget(state, ({ subject }) => subject === event.process)
    case "ProcessExited":
    case "ProcessBootFailed":
      // Events of its end are still counted; metrics of it there are none any more.
      return forget(state, ({ subject, rule }) => subject === event.process && rule.when.kind !== "events")
    default:
      return false
  }
}

const define = (state: Alerts, rule: AlertRule, source: RuleSource): void => {
  forget(state, (watch) => watch.rule.name === rule.name)
  state.rules.set(rule.name, { rule, source })
  if (rule.when.kind === "collectives" || rule.when.kind === "degraded") return
  if (rule.process === null) put(state, Watch.make(rule, host, "the host", state.clock))
  else for (const [id, { name }] of state.processes) if (isAbout(rule, name)) watchProcess(state, id, name, rule)
}

const watchProcess = (state: Alerts, id: string, name: string, only?: AlertRule): void => {
  for (const { rule } of state.rules.values()) {
    if ((only === undefined || only === rule) && isAbout(rule, name) && !state.watches.has(keyOf(rule.name, id)))
      put(state, Watch.make(rule, id, name, state.clock))
  }
}

const isAbout = (rule: AlertRule, name: string): boolean => rule.process === "*" || rule.process === name

const put = (state: Alerts, watch: Watch.Watch): void => {
  if (state.watches.size < mostWatches) state.watches.set(keyOf(watch.rule.name, watch.subject), watch)
}

const forget = (state: Alerts, isGone: (watch: Watch.Watch) => boolean): boolean => {
  let any = false
  for (const [key, watch] of state.watches) any = (isGone(watch) && state.watches.delete(key)) || any
  return any
}

/** Hands the values of the latest samples to whoever watches them. */
const observe = (state: Alerts, ofHost: boolean, ofProcesses: boolean): void => {
  for (const watch of state.watches.values()) {
    const { when } = watch.rule
    if (!("metric" in when)) continue
    const isHost = watch.rule.process === null
    if (isHost ? !ofHost : !ofProcesses) continue
    const value = isHost ? metrics.ofHost(when.metric, state.samples) : valueOf(state, watch.subject, when.metric)
    if (value !== null) Watch.see(watch, value, state.clock)
  }
}

/** Of one name the last word counts, whoever said it. */
const observeTold = (state: Alerts, measures: ReadonlyArray<Measure>): boolean => {
  let any = false
  for (const watch of state.watches.values()) {
    const { when, process } = watch.rule
    if (process !== null || !("metric" in when)) continue
    for (const { name, value } of measures) {
      if (metrics.customName(name) !== when.metric) continue
      Watch.see(watch, value, state.clock)
      any = true
    }
  }
  return any
}

const valueOf = (state: Alerts, id: string, metric: string): number | null => {
  const identity = state.processes.get(id)?.identity ?? null
  const series = identity === null ? undefined : state.samples.processes.get(identity.pid)
  return series?.last.counters.startTicks === identity?.startTicks && series !== undefined
    ? metrics.ofProcess(metric, series)
    : null
}

const count = (state: Alerts, event: Event): boolean => {
  let any = false
  for (const { rule } of state.rules.values()) {
    if (rule.when.kind !== "events" || rule.when.type !== event._tag) continue
    const subject = rule.process === null ? host : "process" in event ? String(event.process) : ""
    const watch = state.watches.get(keyOf(rule.name, subject))
    if (watch === undefined) continue
    Watch.see(watch, 1, state.clock)
    any = true
  }
  return any
}

/** What holds and is not said, and what is said and does not hold any more. */
const settle = (state: Alerts): void => {
  const due: Array<AlertRaised | AlertCleared> = []
  let isRipening = state.raised.size > 0
  for (const [key, watch] of state.watches) {
    isRipening ||= Watch.isRipening(watch)
    if (Watch.isMet(watch, state.clock) && !state.raised.has(key)) due.push(raisedBy(watch))
  }
  for (const [subject, { sentence }] of state.faults) {
    const rule = state.rules.get(degraded)?.rule
    if (rule !== undefined && !state.raised.has(keyOf(degraded, subject)))
      due.push(raise(rule, { subject, name: subject, value: null, sentence }))
  }
  for (const alert of state.raised.values()) {
    const reason = over(state, alert)
    if (reason !== null) due.push(cleared(alert, reason))
  }
  state.due = due
  state.isRipening = isRipening
}

/** Why an alert does not stand any more; null while it does. Those about collectives are judged where collectives are known. */
const over = (state: Alerts, { rule: name, subject }: Alert): string | null => {
  const rule = state.rules.get(name)?.rule
  if (rule === undefined) return "the rule was removed"
  if (rule.when.kind === "collectives") return null
  if (rule.when.kind === "degraded") return state.faults.has(subject) ? null : "it works again"
  const watch = state.watches.get(keyOf(name, subject))
  if (watch === undefined) return "the process has ended"
  return Watch.isMet(watch, state.clock) ? null : "the condition does not hold any more"
}

const raisedBy = (watch: Watch.Watch): AlertRaised =>
  raise(watch.rule, { subject: watch.subject, name: watch.name, value: watch.value, sentence: Watch.sentenceOf(watch) })

export const raise = (
  { name: rule, severity, action }: AlertRule,
  found: Pick<AlertRaised, "subject" | "name" | "value" | "sentence">,
): AlertRaised => ({ _tag: "AlertRaised", rule, severity, action, ...found })

export const cleared = ({ position: alert, rule, subject }: Alert, reason: string): AlertCleared => ({
  _tag: "AlertCleared",
  alert,
  rule,
  subject,
  reason,
})
