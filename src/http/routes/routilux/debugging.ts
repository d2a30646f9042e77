// What a debugger does to a job, whoever speaks for it: a route or a WebSocket.

import { Effect, Either } from "effect"
import * as Condition from "../../../domain/conditions/Condition.ts"
import { plain } from "../../../domain/conditions/plain.ts"
import { scopeOf } from "../../../domain/flows/checkpoint.ts"
import type { SetVariable } from "../../../domain/flows/FlowCommand.ts"
import { isOver, type Job } from "../../../domain/flows/Job.ts"
import { localOf, placeOf } from "../../../domain/flows/variables.ts"
import { now } from "../../../domain/Moment.ts"
import { Views } from "../../../projections/Views.ts"
import { sessionAnswer } from "../../../wire/flows.ts"
import { Problem } from "../../Problem.ts"
import { ofReading } from "../../problems.ts"
import type { RouteCaller } from "../../Route.ts"
import { freshId, jobOf, settled, submitted, unfit } from "./submitting.ts"

/** One step, or null: on to the next breakpoint. */
export type Mode = "over" | "into" | null

/** Somebody debugs it: it stands still, steps, or has breakpoints. */
export const hasSession = (job: Job): boolean =>
  job.endedAt === null && (job.pause !== null || job.stepping !== null || job.breakpoints.size > 0)

export const noSession = (job: Job): Problem =>
  new Problem({ status: 404, kind: "no-session", detail: `No debug session for job '${job.id}'` })

export const sessionOf = (id: string) =>
  Effect.gen(function* () {
    const views = yield* Views
    const job = jobOf(yield* Effect.mapError(views.at(now), ofReading), id)
    if (job instanceof Problem) return yield* job
    return hasSession(job) ? job : yield* noSession(job)
  })

/** It has left its place when this answers; after a step it stands at the next one, unless that takes long. */
export const advance = (id: string, mode: Mode, caller: RouteCaller) =>
  Effect.gen(function* () {
    const before = (yield* sessionOf(id)).pause
    const command = mode === null ? ({ _tag: "ResumeJob" } as const) : ({ _tag: "StepJob", mode } as const)
    yield* submitted({ ...command, id: freshId(), job: id }, caller)
    const stands = (job: Job) => job.pause !== before && (mode === null || job.pause !== null)
    const state = yield* settled(({ jobs }) => {
      const job = jobs.get(id)
      return job === undefined || isOver(job) || stands(job)
    })
    const job = state.jobs.get(id)
    const place = job === undefined ? null : sessionAnswer(job).paused_at
    return { status: mode === null ? "resumed" : "stepping", job_id: id, job_status: job?.status, paused_at: place }
  })

export const setVariable = (id: string, variable: Pick<SetVariable, "name" | "value" | "scope">, caller: RouteCaller) =>
  Effect.gen(function* () {
    const { name, value } = variable
    yield* submitted({ _tag: "SetVariable", id: freshId(), job: id, ...variable }, caller)
    const text = JSON.stringify(value)
    const isSet = (job: Job | undefined) =>
      job === undefined || [localOf(job)[name], job.shared[name]].some((one) => JSON.stringify(one) === text)
    yield* settled(({ jobs }) => isSet(jobs.get(id)))
    return { status: "set", job_id: id, variable: name, value }
  })

export const evaluationOff = new Problem({
  status: 403,
  kind: "evaluate-off",
  detail: "evaluation is off; ANNALIST_EVALUATE=on allows it",
})

export const evaluate = (job: Job, expression: string) => {
  const condition = Condition.compile(expression)
  if (Either.isLeft(condition)) return Effect.fail(unfit(condition.left.message))
  const routine = placeOf(job)?.routine ?? ""
  const value = Condition.valueOf(condition.right, scopeOf(job, { routine }, localOf(job)))
  const common = { job_id: job.id, expression }
  return Effect.succeed(
    Either.match(value, {
      onLeft: (error) => ({ ...common, result: null, error: error.message }),
      onRight: (found) => ({ ...common, result: plain(found), error: null }),
    }),
  )
}
