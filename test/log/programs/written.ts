// What the writer writes: every event tells its number, so that a reader knows what must be where.

import { CommandId } from "../../../src/domain/Brands.ts"
import type { Batch } from "../../../src/log/EventLog.ts"
import { actions, collectives } from "../given.ts"

export const acted = (number: number, count: number): Batch => ({
  actor: "writer",
  command: CommandId(`command-${number}`),
  events: actions(number, count),
})

export const seen = (number: number, count: number): Batch => ({
  actor: "writer",
  command: CommandId(`command-${number}`),
  events: collectives(number, count),
})
