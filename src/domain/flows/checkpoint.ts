// Whether a job stops at a checkpoint: its breakpoints, their conditions, the step under way. Pure; the engine records what it says.

import { Either } from "effect"
import * as Condition from "../conditions/Condition.ts"
import type { Scope } from "../conditions/evaluate.ts"
import type { Checkpoint } from "../events/JobEvents.ts"
import type { Data, Job, SetBreakpoint } from "./Job.ts"
import * as LogText from "./LogText.ts"

export interface Judgement {
  /** Hit without stopping: logpoints with their text, and those that still let hits pass. */
  readonly passed: ReadonlyArray<{ readonly breakpoint: string; readonly text: string | null }>
  readonly stop: { readonly reason: "breakpoint" | "step"; readonly breakpoint: string | null } | null
}

const nothing: Judgement = { passed: [], stop: null }

/** True where nothing can stop: the one comparison that a job without a debugger pays. */
export const isFree = (job: Job): boolean => job.breakpoints.size === 0 && job.stepping === null

export const judge = (job: Job, at: Checkpoint, data: Data): Judgement => {
  if (isFree(job) || (job.passed?.kind === at.kind && job.passed.call === at.call)) return nothing
  const { stepping } = job
  const isDeeper = stepping?.mode === "over" && at.depth > stepping.depth
  const passed: Array<Judgement["passed"][number]> = []
  let stopping: string | null = null
  const scope = scopeOf(job, at, data)
  for (const breakpoint of job.breakpoints.values()) {
    if (!isMeant(breakpoint, at) || !isMet(breakpoint, scope)) continue
    const lets = breakpoint.log !== null || breakpoint.hits < breakpoint.passes || isDeeper || stopping !== null
    if (lets) passed.push({ breakpoint: breakpoint.id, text: textOf(breakpoint, scope) })
    else stopping = breakpoint.id
  }
  if (stopping !== null) return { passed, stop: { reason: "breakpoint", breakpoint: stopping } }
  const steps = stepping !== null && !isDeeper && (stepping.mode === "into" || at.kind === "call")
  return { passed, stop: steps ? { reason: "step", breakpoint: null } : null }
}

const isMeant = (breakpoint: SetBreakpoint, at: Checkpoint): boolean => {
  if (!breakpoint.enabled || breakpoint.routine !== at.routine) return false
  if (breakpoint.type === "event") return at.kind === "event" && matches(breakpoint.event, at.event)
  return at.kind === "call" && (breakpoint.type === "routine" || matches(breakpoint.slot, at.slot))
}

/** One that names no slot or event means each. */
const matches = (wanted: string | null, found: string | null): boolean => wanted === null || wanted === found

const isMet = ({ condition }: SetBreakpoint, scope: Scope): boolean => {
  if (condition === null) return true
  const compiled = Condition.compile(condition)
  // It was checked when it was set; one of a newer language in an old log is never met.
  return Either.isRight(compiled) && Condition.holds(compiled.right, scope)
}

const textOf = ({ log }: SetBreakpoint, scope: Scope): string | null => {
  if (log === null) return null
  const compiled = LogText.compile(log)
  return Either.isRight(compiled) ? LogText.fill(compiled.right, scope) : log
}

/** What a condition can name: the payload's own keys first, then what is known around them. */
export const scopeOf =
  (job: Job, at: Pick<Checkpoint, "routine">, data: Data): Scope =>
  (name) => {
    if (Object.hasOwn(data, name)) return data[name]
    switch (name) {
      case "data":
        return data
      case "routine_id":
        return at.routine
      case "shared_data":
        return job.shared
      case "config":
        return job.definition.routines[at.routine]?.config ?? {}
      case "job_state":
        return { job_id: job.id, flow_id: job.flow, status: job.status, shared_data: job.shared }
      default:
        return undefined
    }
  }
