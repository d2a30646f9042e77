// What a command about one job leads to: a request that the engine carries out, a change of its breakpoints, or a rejection.

import { Either } from "effect"
import * as Condition from "../conditions/Condition.ts"
import type { FlowDefinition } from "../events/FlowEvents.ts"
import type { Breakpoint, JobEvent } from "../events/JobEvents.ts"
import type { JobCommand, SetVariable } from "./FlowCommand.ts"
import {
  BreakpointNotFound,
  BreakpointUnsound,
  type FlowRejection,
  FlowUnsound,
  JobIsOver,
  JobNotPaused,
  RoutineNotFound,
  VariableRefused,
} from "./FlowRejection.ts"
import { isOver, type Job } from "./Job.ts"
import * as LogText from "./LogText.ts"

type Decision = Either.Either<ReadonlyArray<JobEvent>, FlowRejection>

const nothing: Decision = Either.right([])
const accept = (event: JobEvent): Decision => Either.right([event])

const maxBreakpoints = 1000

export const decideJob = (job: Job, command: JobCommand): Decision => {
  if (command._tag === "RemoveBreakpoint" || command._tag === "SwitchBreakpoint") return changeBreakpoint(job, command)
  if (isOver(job)) return Either.left(new JobIsOver({ job: job.id, status: job.status }))
  switch (command._tag) {
    case "PauseJob":
      return job.status === "paused" || job.pauseAsked ? nothing : accept({ _tag: "JobPauseRequested", job: job.id })
    case "CancelJob":
      return job.cancelAsked ? nothing : accept({ _tag: "JobCancelRequested", job: job.id })
    case "ResumeJob":
      return whilePaused(job, { _tag: "JobResumeRequested", job: job.id })
    case "StepJob":
      return whilePaused(job, { _tag: "JobStepRequested", job: job.id, mode: command.mode })
    case "SetVariable":
      return setVariable(job, command)
    case "SetBreakpoint": {
      if (job.breakpoints.size >= maxBreakpoints) {
        return Either.left(new FlowUnsound({ issues: [`a job has ${maxBreakpoints} breakpoints at most`] }))
      }
      return Either.flatMap(soundBreakpoint(job.definition, command.breakpoint), (breakpoint) =>
        accept({ _tag: "BreakpointSet", job: job.id, breakpoint }),
      )
    }
  }
}

const whilePaused = (job: Job, event: JobEvent): Decision =>
  job.status === "paused" || job.pauseAsked ? accept(event) : Either.left(new JobNotPaused({ job: job.id }))

const setVariable = (job: Job, { name, value, scope }: SetVariable): Decision => {
  if (job.status !== "paused") return Either.left(new JobNotPaused({ job: job.id }))
  if (!/^[\p{L}_][\p{L}\p{N}_.-]{0,199}$/u.test(name) || name === "__proto__") {
    return Either.left(new VariableRefused({ name, reason: "it is no name" }))
  }
  return accept({ _tag: "VariableChangeRequested", job: job.id, name, value, scope })
}

const changeBreakpoint = (
  job: Job,
  command: Extract<JobCommand, { readonly _tag: "RemoveBreakpoint" | "SwitchBreakpoint" }>,
): Decision => {
  const known = job.breakpoints.get(command.breakpoint)
  if (known === undefined) return Either.left(new BreakpointNotFound({ breakpoint: command.breakpoint }))
  if (command._tag === "RemoveBreakpoint")
    return accept({ _tag: "BreakpointRemoved", job: job.id, breakpoint: known.id })
  return known.enabled === command.enabled
    ? nothing
    : accept({ _tag: "BreakpointSwitched", job: job.id, breakpoint: known.id, enabled: command.enabled })
}

/** Checked when it is set: a condition that is not of the language never reaches a job. */
export const soundBreakpoint = (
  definition: FlowDefinition,
  breakpoint: Breakpoint,
): Either.Either<Breakpoint, FlowRejection> => {
  if (!Object.hasOwn(definition.routines, breakpoint.routine)) {
    return Either.left(new RoutineNotFound({ routine: breakpoint.routine }))
  }
  const condition = breakpoint.condition === null ? Either.right(null) : Condition.compile(breakpoint.condition)
  if (Either.isLeft(condition)) return unsound("condition", condition.left)
  const log = breakpoint.log === null ? Either.right(null) : LogText.compile(breakpoint.log)
  return Either.isLeft(log) ? unsound("log", log.left) : Either.right(breakpoint)
}

const unsound = (field: "condition" | "log", { position, reason }: { position: number; reason: string }) =>
  Either.left(new BreakpointUnsound({ field, position, reason }))
