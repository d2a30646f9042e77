// A breakpoint as a client sets it.

import { randomUUID } from "node:crypto"
import { Schema } from "effect"
import type { Breakpoint } from "../../../domain/events/JobEvents.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))

export const NewBreakpoint = Schema.Struct({
  type: optional(Schema.Literal("routine", "slot", "event")),
  routine_id: Schema.String,
  slot_name: optional(Schema.String),
  event_name: optional(Schema.String),
  condition: optional(Schema.String),
  log_message: optional(Schema.String),
  /** So many hits pass before it stops the job. */
  passes: optional(Schema.NonNegativeInt),
  enabled: optional(Schema.Boolean),
})
export type NewBreakpoint = typeof NewBreakpoint.Type

export const breakpointOf = (asked: NewBreakpoint): Breakpoint => ({
  id: `bp_${randomUUID().replaceAll("-", "").slice(0, 12)}`,
  type: asked.type ?? "slot",
  routine: asked.routine_id,
  slot: asked.slot_name ?? null,
  event: asked.event_name ?? null,
  condition: asked.condition ?? null,
  log: asked.log_message ?? null,
  passes: asked.passes ?? 0,
  enabled: asked.enabled ?? true,
})
