// How the routes of flows ask for something, and what they wait for.

import { randomUUID } from "node:crypto"
import { Effect, Schema } from "effect"
import { Commands } from "../../../commands/Commands.ts"
import { CommandId } from "../../../domain/Brands.ts"
import type { FlowCommand } from "../../../domain/flows/FlowCommand.ts"
import type { Flows } from "../../../domain/flows/Flows.ts"
import type { Job } from "../../../domain/flows/Job.ts"
import { flows } from "../../../projections/flows.ts"
import { type View, Views } from "../../../projections/Views.ts"
import { Problem } from "../../Problem.ts"
import { ofReading, ofSubmitting } from "../../problems.ts"
import type { RouteCaller, RouteRequest } from "../../Route.ts"

export const common = { errors: "detail", tag: "flows" } as const
export const debugging = { errors: "detail", tag: "debugger" } as const

export const freshId = () => CommandId(randomUUID())
export const freshJob = () => `job_${randomUUID().replaceAll("-", "").slice(0, 12)}`

/** A command by itself is soon done; what follows it may wait for a call that runs. */
const settleMillis = 5000

const notFound = (kind: string, detail: string) => new Problem({ status: 404, kind, detail })

export const flowOf = (view: View, id: string) => {
  const state = view.state(flows)
  const flow = state.flows.get(id)
  return flow === undefined ? notFound("flow-not-found", `Flow '${id.slice(0, 100)}' not found`) : { state, flow }
}

export const jobOf = (view: View, id: string): Job | Problem =>
  view.state(flows).jobs.get(id) ?? notFound("job-not-found", `Job '${id.slice(0, 100)}' not found`)

/** 422 with what does not fit and where. */
export const bodyOf = <A, I>(schema: Schema.Schema<A, I>, request: RouteRequest): Effect.Effect<A, Problem> =>
  Schema.decodeUnknown(schema)(request.body ?? {}).pipe(Effect.mapError(({ message }) => unfit(message)))

export const unfit = (detail: string): Problem => new Problem({ status: 422, kind: "not-valid", detail })

/** Returns once the views show what it led to. */
export const submitted = (command: FlowCommand, caller: RouteCaller) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const { position } = yield* commands.submit(command, caller).pipe(Effect.mapError(ofSubmitting))
    const views = yield* Views
    return yield* views.reached(position).pipe(Effect.mapError(ofReading))
  })

/** The state once it is so; after a while, as it is then. */
export const settled = (holds: (state: Flows) => boolean): Effect.Effect<Flows, Problem, Views> =>
  Effect.gen(function* () {
    const views = yield* Views
    const view = yield* views
      .until((view) => holds(view.state(flows)))
      .pipe(
        Effect.timeoutTo({ duration: settleMillis, onTimeout: () => null, onSuccess: (view) => view }),
        Effect.mapError(ofReading),
      )
    return (view ?? (yield* views.at({ _tag: "Now" }).pipe(Effect.mapError(ofReading)))).state(flows)
  })
