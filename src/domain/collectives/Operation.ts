// One rank's part in one operation: its start and finish, joined.

import type { Signature } from "./Signature.ts"

/** Changed by its second record only; one that is whole is never changed again, so that copies of the state may share it. */
export interface Operation {
  readonly signature: Signature
  /** The other side of a send or recv; −1 for a collective. */
  readonly peer: number
  bytes: number | null
  /** Of the reporter's own clock, µs. */
  readonly start: number
  /** NaN while it is unknown. */
  end: number
  /** False where the reporter gave no time and the start is only an order. */
  readonly timed: boolean
  started: boolean
  finished: boolean
  /** The rank came out of it with an error, which its reporter told. */
  failed: boolean
  /** Of the first record that told of it, and of the latest. */
  readonly position: number
  lastPosition: number
  /** By the agent's clock, µs: of the first record, and of the finish (NaN before). */
  readonly arrivedAt: number
  finishedAt: number
}

export const copyOperations = (operations: ReadonlyArray<Operation>): Array<Operation> =>
  operations.map((operation) => (operation.started && operation.finished ? operation : { ...operation }))
