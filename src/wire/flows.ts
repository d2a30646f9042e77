// What crosses the wire about flows and jobs: the answers under /api, with the names of the documents.

import type { Envelope } from "../domain/Envelope.ts"
import type { CallError, Checkpoint } from "../domain/events/JobEvents.ts"
import type { Flow, Flows } from "../domain/flows/Flows.ts"
import type { Job, RoutineTally, SetBreakpoint } from "../domain/flows/Job.ts"
import type { TraceEntry } from "../domain/flows/Steps.ts"
import { issues } from "../domain/flows/validate.ts"
import { framesOf, localOf, placeOf } from "../domain/flows/variables.ts"
import { isoTime } from "../domain/Moment.ts"

const iso = (micros: number | null): string | null => (micros === null ? null : isoTime(micros))
const seconds = (micros: number): number => micros / 1e6

export const flowAnswer = (flow: Flow, { classes }: Flows) => ({
  flow_id: flow.id,
  routines: Object.fromEntries(
    Object.entries(flow.definition.routines).map(([id, use]) => {
      const described = classes.get(use.className)
      return [
        id,
        {
          routine_id: id,
          class_name: use.className,
          slots: Object.keys(described?.slots ?? {}),
          events: described?.events ?? [],
          config: use.config,
        },
      ]
    }),
  ),
  connections: connectionAnswers(flow),
  execution_strategy: flow.definition.strategy,
  max_workers: flow.definition.maxWorkers,
  timeout: flow.definition.timeoutSeconds,
  monitoring: flow.definition.monitored,
  durable: flow.definition.durable,
  created_at: iso(flow.createdAt),
  updated_at: iso(flow.updatedAt),
})

export const connectionAnswers = ({ definition }: Flow) =>
  definition.connections.map((one, index) => ({
    connection_id: one.id,
    index,
    source_routine: one.sourceRoutine,
    source_event: one.sourceEvent,
    target_routine: one.targetRoutine,
    target_slot: one.targetSlot,
    param_mapping: one.mapping ?? {},
  }))

export const validationAnswer = (flow: Flow, { classes }: Flows) => {
  const found = issues(flow.definition, classes)
  return { valid: found.length === 0, issues: found }
}

export const jobAnswer = (job: Job) => ({
  job_id: job.id,
  flow_id: job.flow,
  status: job.status,
  created_at: iso(job.requestedAt),
  started_at: iso(job.startedAt),
  completed_at: iso(job.endedAt),
  error: job.error === null ? null : `${job.error.type}: ${job.error.message}`,
})

/** `now` is the time of the moment that is shown: a job that runs has lasted until then. */
export const metricsAnswer = (job: Job, now: number) => {
  const tallies = Array.from(job.tallies.values())
  const micros = job.startedAt === null ? 0 : Math.max(0, (job.endedAt ?? now) - job.startedAt)
  return {
    job_id: job.id,
    flow_id: job.flow,
    status: job.status,
    start_time: iso(job.startedAt),
    end_time: iso(job.endedAt),
    total_routines: Object.keys(job.definition.routines).length,
    completed_routines: tallies.filter(({ state }) => state === "completed").length,
    failed_routines: tallies.filter(({ state }) => state === "failed").length,
    total_events: job.slotCalls + job.emitted,
    duration_ms: micros / 1000,
    duration: seconds(micros),
    total_slot_calls: job.slotCalls,
    total_event_emits: job.emitted,
    routine_metrics: Object.fromEntries(Array.from(job.tallies, ([id, tally]) => [id, tallyAnswer(tally)])),
    errors: job.errors.map((error) => ({ routine_id: error.routine, ...errorAnswer(error) })),
  }
}

const tallyAnswer = (tally: RoutineTally) => ({
  execution_count: tally.calls,
  total_duration: seconds(tally.totalMicros),
  avg_duration: tally.timed === 0 ? 0 : seconds(tally.totalMicros / tally.timed),
  min_duration: tally.timed === 0 ? null : seconds(tally.minMicros),
  max_duration: tally.timed === 0 ? null : seconds(tally.maxMicros),
  error_count: tally.errors,
  last_execution: iso(tally.lastAt),
})

const errorAnswer = ({ type, message, line }: CallError) => ({ error_type: type, message, line })

export const stateAnswer = (job: Job) => ({
  ...jobAnswer(job),
  shared_data: job.shared,
  pending_calls: job.queue.slice(job.head, job.head + 100).map(callAnswer),
  running_calls: Array.from(job.running.values(), callAnswer),
  routine_states: Object.fromEntries(Array.from(job.tallies, ([id, { state }]) => [id, state])),
  monitored: job.monitored,
  durable: job.durable,
  paused:
    job.pause === null
      ? null
      : { reason: job.pause.reason, breakpoint_id: job.pause.breakpoint, at: placeAnswer(job.pause.at) },
})

const callAnswer = (call: {
  readonly number: number
  readonly routine: string
  readonly slot: string
  readonly attempt: number
}) => ({
  call: call.number,
  routine_id: call.routine,
  slot_name: call.slot,
  attempt: call.attempt,
})

export const placeAnswer = (at: Checkpoint | null) =>
  at === null ? null : { routine_id: at.routine, slot_name: at.slot, event_name: at.event, call: at.call }

export const traceAnswer = (job: string, entry: TraceEntry, index: number) => ({
  event_id: `evt_${index}`,
  job_id: job,
  routine_id: entry.routine,
  event_type: entry.type,
  timestamp: iso(entry.at),
  data: entry.data,
  duration: entry.durationMicros === null ? null : seconds(entry.durationMicros),
  status: entry.status,
  position: entry.position,
  call: entry.call,
})

export const breakpointAnswer = (job: string, breakpoint: SetBreakpoint) => ({
  breakpoint_id: breakpoint.id,
  job_id: job,
  type: breakpoint.type,
  routine_id: breakpoint.routine,
  slot_name: breakpoint.slot,
  event_name: breakpoint.event,
  condition: breakpoint.condition,
  log_message: breakpoint.log,
  enabled: breakpoint.enabled,
  hit_count: breakpoint.hits,
})

export const variablesAnswer = (job: Job) => {
  const local = localOf(job)
  return {
    job_id: job.id,
    routine_id: placeOf(job)?.routine ?? null,
    variables: { ...job.shared, ...local, local, shared: job.shared },
  }
}

export const callStackAnswer = (job: Job) => {
  const frames = framesOf(job)
  return {
    job_id: job.id,
    frames: frames.map((one) => ({ routine_id: one.routine, slot_name: one.slot, line: one.line })),
    call_stack: frames.map((one) => ({
      routine_id: one.routine,
      slot_name: one.slot,
      event_name: one.event,
      variables: one.variables,
    })),
  }
}

export const sessionAnswer = (job: Job) => ({
  job_id: job.id,
  status: job.status === "paused" ? "paused" : job.stepping === null ? "running" : "stepping",
  reason: job.pause?.reason ?? null,
  breakpoint_id: job.pause?.breakpoint ?? null,
  paused_at: placeAnswer(job.pause?.at ?? null),
})

interface LogLine {
  readonly timestamp: string | null
  readonly level: string
  readonly message: string
  readonly call: number
  readonly position: number
  readonly routine_id?: string
  readonly breakpoint_id?: string
}

/** What a routine or a logpoint wrote; nothing for other events. */
export const logAnswer = ({ event, at, position }: Envelope): ReadonlyArray<LogLine> => {
  if (event._tag === "JobLogged") {
    const { routine, level, text, call } = event
    return [{ timestamp: iso(at), level, routine_id: routine, call, message: text, position }]
  }
  if (event._tag === "BreakpointPassed" && event.text !== null) {
    const { call, text, breakpoint } = event
    return [{ timestamp: iso(at), level: "info", breakpoint_id: breakpoint, call, message: text, position }]
  }
  return []
}
