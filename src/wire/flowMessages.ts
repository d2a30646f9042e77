// What WebSockets tell of jobs: one message an event, in the names of the documents.

import type { Envelope } from "../domain/Envelope.ts"
import type { CallError, JobEvent } from "../domain/events/JobEvents.ts"
import type { Job } from "../domain/flows/Job.ts"
import { isoTime } from "../domain/Moment.ts"
import { breakpointAnswer, placeAnswer } from "./flows.ts"

interface Told {
  readonly type: string
  readonly routine: string | null
  readonly data: Readonly<Record<string, unknown>>
  readonly micros?: number | null
  readonly status?: "running" | "completed" | "failed"
}

export interface JobMessage {
  readonly type: string
  readonly event_type: string
  readonly job_id: string
  readonly routine_id: string | null
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
  readonly duration: number | null
  readonly status: string | null
  /** Of the event in the log: who comes back asks for `?from=` the last one seen. */
  readonly position: number
}

/** Of a job's monitor; null for what nobody watches for. `job` is as the views show it. */
export const monitorMessage = (envelope: Envelope, job: Job | undefined): JobMessage | null => {
  const told = toldOf(envelope.event as JobEvent, job)
  if (told === null) return null
  return {
    type: told.type,
    event_type: told.type,
    job_id: (envelope.event as JobEvent).job,
    routine_id: told.routine,
    timestamp: isoTime(envelope.at),
    data: told.data,
    duration: told.micros === undefined || told.micros === null ? null : told.micros / 1e6,
    status: told.status ?? null,
    position: envelope.position,
  }
}

const toldOf = (event: JobEvent, job: Job | undefined): Told | null => {
  switch (event._tag) {
    case "SlotCalled": {
      const { routine, slot, call, attempt } = event
      return { type: "routine_start", routine, data: { slot, call, attempt }, status: "running" }
    }
    case "EventEmitted":
      return { type: "event_emit", routine: event.routine, data: { event: event.event, data: event.data } }
    case "RoutineFinished": {
      const { routine, result, call, durationMicros: micros } = event
      return { type: "routine_complete", routine, data: { result, call }, micros, status: "completed" }
    }
    case "RoutineFailed": {
      const { routine, call, outcome, durationMicros: micros } = event
      const data = { error: errorAnswer(event.error), outcome, call }
      return { type: "routine_error", routine, data, micros, status: "failed" }
    }
    case "JobLogged": {
      const { routine, level, text } = event
      return { type: "log", routine, data: { level, message: text } }
    }
    default:
      return toldOfJob(event, job)
  }
}

const toldOfJob = (event: JobEvent, job: Job | undefined): Told | null => {
  switch (event._tag) {
    case "JobStarted":
      return { type: "job_started", routine: null, data: {} }
    case "BreakpointHit": {
      const breakpoint = job?.breakpoints.get(event.breakpoint)
      const data =
        breakpoint === undefined ? { breakpoint_id: event.breakpoint } : breakpointAnswer(event.job, breakpoint)
      return { type: "breakpoint_hit", routine: breakpoint?.routine ?? null, data }
    }
    case "JobPaused": {
      const at = placeAnswer(event.at)
      return { type: "job_paused", routine: at?.routine_id ?? null, data: { reason: event.reason, at } }
    }
    case "JobResumed":
      return { type: "job_resumed", routine: null, data: {} }
    case "JobStepped":
      return { type: "job_resumed", routine: null, data: { step: event.mode } }
    case "JobFinished": {
      const error = event.error === null ? null : errorAnswer(event.error)
      return { type: `job_${event.status}`, routine: null, data: { error } }
    }
    default:
      return null
  }
}

const errorAnswer = ({ type, message, line }: CallError) => ({ error_type: type, message, line })

const generalNames: Readonly<Record<string, ReadonlyArray<string>>> = {
  routine_start: ["routine_started", "slot_called"],
  routine_complete: ["routine_completed"],
  routine_error: ["routine_failed"],
  event_emit: ["event_emitted"],
}

/** The same on the general socket, which has names of its own. */
export const generalMessages = (message: JobMessage) =>
  (generalNames[message.type] ?? [message.type]).map((type) => {
    const { job_id, timestamp, data, routine_id, position } = message
    return { type, job_id, timestamp, data: { ...data, routine_id }, position }
  })
