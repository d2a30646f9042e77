// One rule's eye on one subject: the values that it has seen, and whether its condition holds at a moment of the log's clock.

import type { AlertRule, Condition } from "./AlertRule.ts"

export interface Watch {
  readonly rule: AlertRule
  /** "host", or a process id. */
  readonly subject: string
  readonly name: string
  /** What the condition looks at: the last value, its rate, its deviation in sigmas, the number of events. */
  value: number | null
  seenAt: number
  /** Since when the value has been beyond the limit without a break. */
  holdsSince: number | null
  /** Earlier values, where the condition needs them; times before each for a rate, times alone for events. */
  readonly past: Array<number>
}

/** A rate over more looks than this would be one over a window that nobody asks for. */
const mostLooks = 2000
/** A series that never moves has no deviation to speak of: a thousandth of its mean counts as one. */
const leastSpread = 0.001

export const make = (rule: AlertRule, subject: string, name: string, clock: number): Watch => ({
  rule,
  subject,
  name,
  value: null,
  seenAt: clock,
  holdsSince: null,
  past: [],
})

export const copy = (watch: Watch): Watch => ({ ...watch, past: [...watch.past] })

/** Takes a value of the rule's metric; where an event is counted, only its time matters. */
export const see = (watch: Watch, value: number, clock: number): void => {
  watch.seenAt = clock
  const { when } = watch.rule
  switch (when.kind) {
    case "threshold":
      return judge(watch, value, isBeyond(when, value), clock)
    case "rate": {
      const rate = rateWith(watch.past, value, clock, when.window * 1e6)
      return rate === null ? undefined : judge(watch, rate, isBeyond(when, rate), clock)
    }
    case "deviation": {
      const sigmas = deviationWith(watch.past, value, when.samples)
      return sigmas === null ? undefined : judge(watch, sigmas, Math.abs(sigmas) > when.sigmas, clock)
    }
    case "events":
      watch.past.push(clock)
      if (watch.past.length > when.count) watch.past.shift()
      watch.value = watch.past.length
      return
    default:
      watch.value = value
  }
}

/** Whether the condition holds now, with all that it asks of time. */
export const isMet = ({ rule, holdsSince, seenAt, past }: Watch, clock: number): boolean => {
  const { when } = rule
  switch (when.kind) {
    case "threshold":
    case "rate":
      return holdsSince !== null && clock - holdsSince >= when.for * 1e6
    case "deviation":
      return holdsSince !== null
    case "missing":
      return clock - seenAt >= when.for * 1e6
    case "events":
      return past.length >= when.count && clock - (past[0] ?? 0) < when.window * 1e6
    default:
      return false
  }
}

/** Whether time alone may change what holds. */
export const isRipening = ({ rule, holdsSince }: Watch): boolean => rule.when.kind === "missing" || holdsSince !== null

export const sentenceOf = ({ rule, value, name }: Watch): string => {
  const { when } = rule
  switch (when.kind) {
    case "threshold":
      return `${when.metric} of ${name} is ${shown(value)}, ${limitOf(when)}${lasting(when.for)}`
    case "rate":
      return `${when.metric} of ${name} changes by ${shown(value)} a second, ${limitOf(when)}${lasting(when.for)}`
    case "deviation":
      return `${when.metric} of ${name} is ${shown(value)} standard deviations from the mean of its last ${when.samples} values`
    case "missing":
      return `${when.metric} of ${name} has not been seen for ${when.for} s`
    case "events":
      return `${when.count} or more ${when.type} of ${name} within ${when.window} s`
    default:
      return name
  }
}

const judge = (watch: Watch, value: number, holds: boolean, clock: number): void => {
  watch.value = value
  watch.holdsSince = holds ? (watch.holdsSince ?? clock) : null
}

type Limited = Extract<Condition, { kind: "threshold" | "rate" }>

const isBeyond = ({ above, below }: Limited, value: number): boolean =>
  above === undefined ? below !== undefined && value < below : value > above

const limitOf = ({ above, below }: Limited): string => (above === undefined ? `below ${below}` : `above ${above}`)

const lasting = (seconds: number): string => (seconds === 0 ? "" : ` for ${seconds} s`)

/** Change a second between the oldest look within the window and this one; null for the first. */
const rateWith = (past: Array<number>, value: number, clock: number, windowMicros: number): number | null => {
  while (past.length > 2 && (clock - (past[2] ?? 0) >= windowMicros || past.length > 2 * mostLooks)) past.splice(0, 2)
  const [at, first] = past
  past.push(clock, value)
  return at === undefined || first === undefined || clock <= at ? null : (1e6 * (value - first)) / (clock - at)
}

/** How many standard deviations lie between a value and the mean of those before it; null while they are too few. */
const deviationWith = (past: Array<number>, value: number, samples: number): number | null => {
  const before = past.length
  let sum = 0
  for (const one of past) sum += one
  const mean = before === 0 ? 0 : sum / before
  let squares = 0
  for (const one of past) squares += (one - mean) ** 2
  past.push(value)
  if (before < samples) return null
  past.shift()
  const spread = Math.max(Math.sqrt(squares / before), Math.abs(mean) * leastSpread, Number.MIN_VALUE)
  return Math.max(-1e6, Math.min(1e6, (value - mean) / spread))
}

const shown = (value: number | null): string => (value === null ? "unknown" : String(Number(value.toPrecision(6))))
