// What of the log is a span to a tracing backend: a life of a process, a job, a call of a routine, and what an alert said of them.

import { ProcessId } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { AlertRaised } from "../events/AlertEvents.ts"
import type { CallError } from "../events/JobEvents.ts"
import type { Flows } from "../flows/Flows.ts"
import type { ManagedProcess, Processes } from "../processes/Processes.ts"
import * as TraceContext from "./TraceContext.ts"

export type Attributes = Readonly<Record<string, string | number>>

export interface Span {
  readonly context: TraceContext.TraceContext
  readonly name: string
  /** Wall times, µs. */
  readonly start: number
  readonly end: number
  /** Why it failed; null when it did not. */
  readonly failure: string | null
  readonly attributes: Attributes
  readonly events: ReadonlyArray<{ readonly at: number; readonly name: string; readonly attributes: Attributes }>
}

/** Updated in place. */
export interface Spans {
  /** Jobs that have not ended. */
  readonly jobs: Map<string, { readonly flow: string; readonly at: number }>
}

/** As the flows stand when it begins. */
export const from = ({ jobs }: Flows): Spans => {
  const open = Array.from(jobs.values()).filter(({ endedAt }) => endedAt === null)
  return { jobs: new Map(open.map(({ id, flow, requestedAt }) => [id, { flow, at: requestedAt }])) }
}

/** Folds the event, and tells what has come to its end with it. `processes` have folded it already. */
export const take = (state: Spans, envelope: Envelope, processes: Processes): ReadonlyArray<Span> => {
  const span = spanOf(state, envelope, processes)
  return span !== null && TraceContext.isSampled(span.context) ? [span] : []
}

const spanOf = (state: Spans, envelope: Envelope, processes: Processes): Span | null => {
  const { event, at } = envelope
  switch (event._tag) {
    case "ProcessExited":
    case "ProcessBootFailed": {
      const process = processes.byId.get(event.process)
      return process === undefined ? null : lifeOf(process, at)
    }
    case "JobRequested":
      state.jobs.set(event.job, { flow: event.flow, at })
      return null
    case "JobFinished":
      return jobOf(state, event, at)
    case "RoutineFinished":
      return callOf(event, envelope, null)
    case "RoutineFailed":
      return callOf(event, envelope, event.error)
    case "AlertRaised":
      return alertOf(event, envelope, processes)
    default:
      return null
  }
}

const lifeOf = (process: ManagedProcess, at: number): Span => {
  const { id, spec, identity, code, signal, reason } = process
  const wasStopped = process.status === "stopped" && !process.unresponsive
  const badEnd =
    code === 0 || wasStopped ? null : code === null ? `ended by signal ${signal ?? "unknown"}` : `exit ${code}`
  return {
    context: contextOf(process),
    name: spec.name,
    start: process.startedAt ?? process.requestedAt,
    end: process.endedAt ?? at,
    failure: reason ?? badEnd,
    attributes: {
      "annalist.process.id": id,
      "process.command": spec.argv[0],
      "host.name": process.host,
      ...(identity === null ? {} : { "process.pid": identity.pid }),
      ...(code === null ? {} : { "process.exit.code": code }),
      ...(signal === null ? {} : { "annalist.process.signal": signal }),
      ...(spec.session === null ? {} : { "annalist.session": spec.session }),
    },
    events: [],
  }
}

const contextOf = ({ id, requestedAt, spec }: ManagedProcess) =>
  TraceContext.ofProcess(id, requestedAt, spec.traceparent)

type Ended<Tag> = Extract<Envelope["event"], { readonly _tag: Tag }>

const jobOf = (state: Spans, { job, status, error }: Ended<"JobFinished">, at: number): Span | null => {
  const known = state.jobs.get(job)
  state.jobs.delete(job)
  if (known === undefined) return null
  return {
    context: TraceContext.ofJob(job),
    name: known.flow,
    start: known.at,
    end: at,
    failure: error === null ? (status === "failed" ? status : null) : `${error.type}: ${error.message}`,
    attributes: { "annalist.job.id": job, "annalist.job.status": status },
    events: [],
  }
}

/** Only of what was timed: jobs that nobody monitors leave no trace. */
const callOf = (
  { job, call, routine, durationMicros }: Ended<"RoutineFinished"> | Ended<"RoutineFailed">,
  { position, at }: Envelope,
  error: CallError | null,
): Span | null =>
  durationMicros === null
    ? null
    : {
        // Not by its call's number, which it shares with those that failed before it.
        context: TraceContext.within(TraceContext.ofJob(job), `call ${position}`),
        name: routine,
        start: at - Math.round(durationMicros),
        end: at,
        failure: error === null ? null : `${error.type}: ${error.message}`,
        attributes: { "annalist.job.id": job, "annalist.call": call },
        events: [],
      }

/** Told at once, as what it is about may hang for ever: a moment in the trace of the process, or in one of its subject. */
const alertOf = (alert: AlertRaised, { at, position }: Envelope, processes: Processes): Span => {
  const { rule, subject, name, sentence, severity } = alert
  const process = processes.byId.get(ProcessId(subject))
  const context =
    process === undefined
      ? TraceContext.alone(`${rule} ${subject}`, `alert ${position}`)
      : TraceContext.within(contextOf(process), `alert ${position}`)
  const attributes = { "annalist.subject": subject, "annalist.severity": severity, "annalist.position": position }
  return {
    context,
    name: `alert ${rule}`,
    start: at,
    end: at,
    failure: sentence,
    attributes,
    events: [{ at, name, attributes: { "annalist.sentence": sentence } }],
  }
}
