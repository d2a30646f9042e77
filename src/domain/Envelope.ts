// An event with its place in the log: where, when, by whom and on whose command.

import type { CommandId, Position } from "./Brands.ts"
import type { Event } from "./Event.ts"

export interface Envelope<E extends Event = Event> {
  readonly position: Position
  /** Wall clock at arrival, microseconds since the epoch. It may jump; order is by position. */
  readonly at: number
  /** The agent's monotonic clock at arrival, microseconds. It restarts with the host. */
  readonly mono: number
  /** Who caused it: "agent", "collector:host", "uid:1000", "token:operator" … */
  readonly actor: string
  readonly command: CommandId | null
  readonly event: E
}
