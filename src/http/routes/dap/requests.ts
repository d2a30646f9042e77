// What an editor's requests carry.

import { Effect, Schema } from "effect"
import type { Problem } from "../../Problem.ts"
import type { Words } from "../../Route.ts"
import { unfit } from "../routilux/submitting.ts"

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const text = Schema.optional(Schema.String)

export const Attach = Schema.Struct({ job_id: Schema.String })
export const Launch = Schema.Struct({
  flow_id: Schema.String,
  entry_routine_id: Schema.String,
  entry_slot: text,
  entry_params: Schema.optional(AnyRecord),
  /** Stops before the first call. */
  stopOnEntry: Schema.optional(Schema.Boolean),
})
const Conditions = { condition: text, hitCondition: text, logMessage: text }
export const SetBreakpoints = Schema.Struct({
  source: Schema.Struct({ path: text }),
  breakpoints: Schema.optional(Schema.Array(Schema.Struct({ line: Schema.Int, ...Conditions }))),
})
export const SetFunctionBreakpoints = Schema.Struct({
  breakpoints: Schema.Array(Schema.Struct({ name: Schema.String, ...Conditions })),
})
export const OfThread = Schema.Struct({ threadId: Schema.Int })
export const OfFrame = Schema.Struct({ frameId: Schema.Int })
export const OfVariables = Schema.Struct({ variablesReference: Schema.Int })
export const SetVariable = Schema.Struct({
  variablesReference: Schema.Int,
  name: Schema.String,
  value: Schema.String,
})
export const Evaluate = Schema.Struct({ expression: Schema.String })
export const Disconnect = Schema.Struct({ terminateDebuggee: Schema.optional(Schema.Boolean) })

/** What does not fit is told with its place. */
export const argumentsOf = <A, I>(schema: Schema.Schema<A, I>, request: Words): Effect.Effect<A, Problem> =>
  Effect.mapError(Schema.decodeUnknown(schema)(request["arguments"] ?? {}), ({ message }) => unfit(message))

export const capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsFunctionBreakpoints: true,
  supportsSetVariable: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,
} as const
