// The engine under a debugger: where it stops, and how it goes on.

import type { Checkpoint, JobEvent } from "../../domain/events/JobEvents.ts"
import { isFree, judge, type Judgement } from "../../domain/flows/checkpoint.ts"
import { type Call, firstQueued, type Job, queued } from "../../domain/flows/Job.ts"
import { scopeOf } from "../../domain/flows/variables.ts"
import type { Run, Stop } from "./Run.ts"

/** As much of the engine as is needed here. */
interface Engine {
  readonly record: (run: Run, event: JobEvent) => void
  readonly step: (run: Run, event: JobEvent, bytes?: number) => void
  readonly ready: (run: Run) => void
}

/** Paused, or to be paused now. */
export const standsStill = (engine: Engine, run: Run): boolean => {
  const { job } = run
  if (job.status !== "running") return true
  if (job.pauseAsked) {
    const next = firstQueued(job)
    pause(engine, run, { reason: "asked", breakpoint: null, at: next === null ? null : checkpointOf(next) })
    return true
  }
  const stop = run.stops.shift()
  if (stop !== undefined) pause(engine, run, stop)
  return stop !== undefined
}

/** Before a call: the one comparison that a job without a debugger pays is `isFree`. */
export const stopsBefore = (engine: Engine, run: Run, call: Call): boolean => {
  if (isFree(run.job)) return false
  const at = checkpointOf(call)
  const { stop } = judged(engine, run, at, call.input)
  if (stop !== null) pause(engine, run, { ...stop, at })
  return stop !== null
}

/** At an emission: the calls that it causes wait while the job stands there. */
export const notice = (
  engine: Engine,
  run: Run,
  call: Call,
  event: string,
  data: Readonly<Record<string, unknown>>,
): void => {
  if (isFree(run.job)) return
  const { number, routine, slot, depth } = call
  const at: Checkpoint = { kind: "event", call: number, routine, slot, event, depth }
  const { stop } = judged(engine, run, at, data)
  if (stop !== null && queued(run.job) > 0) run.stops.push({ ...stop, at })
}

/** What somebody asked of a job that stands still. */
export const carryOut = (engine: Engine, run: Run, event: JobEvent): void => {
  const { job } = run
  if (job.status !== "paused") return
  const id = job.id
  switch (event._tag) {
    case "JobResumeRequested":
      engine.record(run, { _tag: "JobResumed", job: id })
      return engine.ready(run)
    case "JobStepRequested":
      engine.record(run, { _tag: "JobStepped", job: id, mode: event.mode, depth: depthOf(job) })
      if (event.mode === "over") run.stops = []
      return engine.ready(run)
    case "VariableChangeRequested": {
      const { name, value } = event
      engine.record(run, { _tag: "VariableSet", job: id, name, value, scope: event.scope ?? scopeOf(job, name) })
      return
    }
    default:
  }
}

const depthOf = (job: Job): number => job.pause?.at?.depth ?? firstQueued(job)?.depth ?? 0

const checkpointOf = ({ number, routine, slot, depth }: Call): Checkpoint => ({
  kind: "call",
  call: number,
  routine,
  slot,
  event: null,
  depth,
})

const judged = (engine: Engine, run: Run, at: Checkpoint, data: Readonly<Record<string, unknown>>): Judgement => {
  const judgement = judge(run.job, at, data)
  for (const { breakpoint, text } of judgement.passed) {
    engine.step(run, { _tag: "BreakpointPassed", job: run.job.id, call: at.call, breakpoint, text }, text?.length)
  }
  return judgement
}

const pause = (
  engine: Engine,
  run: Run,
  stop: Omit<Stop, "at" | "reason"> & { at: Checkpoint | null; reason: "asked" | Stop["reason"] },
): void => {
  const { job } = run
  const { reason, breakpoint, at } = stop
  if (breakpoint !== null && at !== null) {
    engine.record(run, { _tag: "BreakpointHit", job: job.id, call: at.call, breakpoint })
  }
  engine.record(run, { _tag: "JobPaused", job: job.id, reason, breakpoint, at })
}
