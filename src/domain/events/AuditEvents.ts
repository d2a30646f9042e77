// What the door wrote down: refusals, and the dangerous acts that it let through.

import { Schema } from "effect"

/** A request that was turned away. Bodies, tokens and query strings are not kept. */
const AccessRefused = Schema.TaggedStruct("AccessRefused", {
  method: Schema.String,
  path: Schema.String,
  status: Schema.Int,
  reason: Schema.String,
  peer: Schema.String,
})

/** Refusals beyond the rate at which each is written down. */
const RefusalsCounted = Schema.TaggedStruct("RefusalsCounted", {
  count: Schema.Int,
  windowMillis: Schema.Int,
})

/** A command that the rules turned down, by a caller who was allowed to ask. */
const CommandRefused = Schema.TaggedStruct("CommandRefused", {
  command: Schema.String,
  reason: Schema.String,
})

export const AuditEvent = Schema.Union(AccessRefused, RefusalsCounted, CommandRefused)
export type AuditEvent = typeof AuditEvent.Type
