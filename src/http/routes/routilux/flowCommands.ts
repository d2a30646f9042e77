// What is asked of flows: define, change, remove, validate; and the switch of monitoring.

import { Effect, Either, Schema } from "effect"
import { empty, idOf, read, type Written } from "../../../domain/flows/dsl.ts"
import { readText } from "../../../domain/flows/dslText.ts"
import { flows } from "../../../projections/flows.ts"
import { flowAnswer, validationAnswer } from "../../../wire/flows.ts"
import { viewAsked } from "../../moments.ts"
import { Problem } from "../../Problem.ts"
import type { EffectRoute, RouteRequest } from "../../Route.ts"
import { bodyOf, common, flowOf, freshId, submitted, unfit } from "./submitting.ts"

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

const NewFlow = Schema.Struct({
  flow_id: optional(Schema.NonEmptyString.pipe(Schema.maxLength(200))),
  dsl: optional(Schema.String),
  dsl_dict: optional(AnyRecord),
  execution_strategy: optional(Schema.Literal("sequential", "concurrent")),
  max_workers: optional(Schema.Int.pipe(Schema.between(1, 1000))),
})
const NewRoutine = Schema.Struct({
  routine_id: Schema.NonEmptyString.pipe(Schema.maxLength(200)),
  class_path: Schema.NonEmptyString,
  config: optional(AnyRecord),
})
const NewConnection = Schema.Struct({
  source_routine: Schema.String,
  source_event: Schema.String,
  target_routine: Schema.String,
  target_slot: Schema.String,
  param_mapping: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
})
const Monitoring = Schema.Struct({
  enabled: optional(Schema.Boolean),
  max_events_per_job: optional(Schema.Int.pipe(Schema.between(1, 1_000_000))),
})

const base = { ...common, _tag: "Effect", role: "operator" } as const
const flowNamed = (request: RouteRequest): string => request.params["flow"] ?? ""

export const flowCommands: ReadonlyArray<EffectRoute> = [
  {
    ...base,
    method: "POST",
    path: "/api/flows",
    summary: "Defines a flow, empty or from its text.",
    requestBody: NewFlow,
    answer: (request) => define(request),
  },
  {
    ...base,
    method: "DELETE",
    path: "/api/flows/:flow",
    summary: "Removes a flow; its jobs go on.",
    answer: (request) =>
      Effect.as(submitted({ _tag: "RemoveFlow", id: freshId(), flow: flowNamed(request) }, request.caller), {
        status: 204,
      }),
  },
  {
    ...base,
    role: "viewer",
    method: "POST",
    path: "/api/flows/:flow/validate",
    summary: "What is to say of it: faults, circles, routines that nothing reaches.",
    answer: (request) =>
      Effect.flatMap(viewAsked(request), (view) => {
        const found = flowOf(view, flowNamed(request))
        return found instanceof Problem
          ? Effect.fail(found)
          : Effect.succeed({ status: 200, body: validationAnswer(found.flow, found.state) })
      }),
  },
  {
    ...base,
    method: "POST",
    path: "/api/flows/:flow/routines",
    summary: "Adds a routine of a known class.",
    requestBody: NewRoutine,
    answer: (request) => addRoutine(request),
  },
  {
    ...base,
    method: "DELETE",
    path: "/api/flows/:flow/routines/:routine",
    summary: "Removes a routine and its connections.",
    answer: (request) => {
      const routine = request.params["routine"] ?? ""
      const command = { _tag: "RemoveRoutine", id: freshId(), flow: flowNamed(request), routine } as const
      return Effect.as(submitted(command, request.caller), { status: 204 })
    },
  },
  {
    ...base,
    method: "POST",
    path: "/api/flows/:flow/connections",
    summary: "Connects an event to a slot.",
    requestBody: NewConnection,
    answer: (request) => connect(request),
  },
  {
    ...base,
    method: "DELETE",
    path: "/api/flows/:flow/connections/:index",
    summary: "Removes a connection.",
    answer: (request) => {
      const text = request.params["index"] ?? ""
      if (!/^\d{1,6}$/.test(text)) return Effect.fail(unfit("a connection is named by its index"))
      const command = {
        _tag: "RemoveConnection",
        id: freshId(),
        flow: flowNamed(request),
        index: Number(text),
      } as const
      return Effect.as(submitted(command, request.caller), { status: 204 })
    },
  },
  {
    ...base,
    method: "PUT",
    path: "/api/monitoring",
    summary: "Switches the trace of jobs that begin from now on.",
    requestBody: Monitoring,
    answer: (request) => switchMonitoring(request),
  },
]

const define = Effect.fn("POST /api/flows")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(NewFlow, request)
  const written = yield* writtenOf(asked)
  const flow = asked.flow_id ?? written.flow
  if (flow === null) return yield* unfit("flow_id is missing")
  const strategy = asked.execution_strategy ?? written.definition.strategy
  const definition = {
    ...written.definition,
    strategy,
    maxWorkers: asked.max_workers ?? (strategy === "concurrent" ? Math.max(written.definition.maxWorkers, 5) : 1),
  }
  const view = yield* submitted({ _tag: "DefineFlow", id: freshId(), flow, definition, replace: false }, request.caller)
  const found = flowOf(view, flow)
  if (found instanceof Problem) return yield* found
  return { status: 201, body: flowAnswer(found.flow, found.state) }
})

const writtenOf = (asked: typeof NewFlow.Type): Either.Either<Written, Problem> => {
  const written =
    typeof asked.dsl === "string"
      ? readText(asked.dsl)
      : asked.dsl_dict === undefined || asked.dsl_dict === null
        ? Either.right({ flow: null, definition: empty })
        : read(asked.dsl_dict)
  return Either.mapLeft(written, (issues) => unfit(issues.join("; ")))
}

const addRoutine = Effect.fn("POST /api/flows/:flow/routines")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(NewRoutine, request)
  const routine = asked.routine_id
  const use = { className: asked.class_path, config: asked.config ?? {}, errorHandler: null }
  yield* submitted({ _tag: "AddRoutine", id: freshId(), flow: flowNamed(request), routine, use }, request.caller)
  return { status: 201, body: { routine_id: routine, status: "added" } }
})

const connect = Effect.fn("POST /api/flows/:flow/connections")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(NewConnection, request)
  const connection = {
    id: idOf(asked.source_routine, asked.source_event, asked.target_routine, asked.target_slot),
    sourceRoutine: asked.source_routine,
    sourceEvent: asked.source_event,
    targetRoutine: asked.target_routine,
    targetSlot: asked.target_slot,
    mapping: asked.param_mapping ?? null,
  }
  yield* submitted({ _tag: "AddConnection", id: freshId(), flow: flowNamed(request), connection }, request.caller)
  return { status: 201, body: { status: "connected", connection_id: connection.id } }
})

const switchMonitoring = Effect.fn("PUT /api/monitoring")(function* (request: RouteRequest) {
  const asked = yield* bodyOf(Monitoring, request)
  const command = {
    _tag: "SwitchMonitoring",
    id: freshId(),
    enabled: asked.enabled ?? null,
    maxEventsPerJob: asked.max_events_per_job ?? null,
  } as const
  const view = yield* submitted(command, request.caller)
  const { enabled, maxEventsPerJob } = view.state(flows).monitoring
  return { status: 200, body: { enabled, max_events_per_job: maxEventsPerJob } }
})
