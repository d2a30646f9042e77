// A rank's place in a communicator as one reporter holds it: the operations that are not yet settled, and what was learnt of the rank.

import type { Reporter } from "../events/CollectiveEvents.ts"
import type { Clock } from "./Clock.ts"
import type { Communicator } from "./Communicator.ts"
import { type Losses, noLosses } from "./losses.ts"
import { copySignatures, noSignatures, type Signatures } from "./Signature.ts"
import { copyOperations, type Operation } from "./Operation.ts"
import type { Process } from "./Process.ts"

/** A rank's operations in the order of its own clock, from the first that is not settled. */
export interface Track {
  readonly operations: Array<Operation>
  /** Start of the last operation that was let go: whatever lies before it is a repeat or came too late. */
  horizon: number
  /** Records in a row from before the horizon, and when the first of them came. */
  stale: number
  staleSince: number
}

/** Transfers with one peer that were let go since the last collective that everybody left. */
export interface Exchanged {
  sent: number
  received: number
}

export interface Seat {
  readonly rank: number
  readonly key: string
  readonly runId: string | null
  host: string | null
  pid: number | null
  communicator: Communicator | null
  process: Process
  readonly signatures: Signatures
  readonly collectives: Track
  readonly transfers: Track
  readonly exchanged: Map<number, Exchanged>
  /** Places of its clock against the communicator's reference; null while they are not known. */
  clock: Clock | null
  readonly losses: Losses
  /** Own end of the last settled operation: where the next gap begins. NaN when it is not known. */
  settledEnd: number
  arrivedLast: number
  lostMicros: number
  columns: number
  readonly firstArrival: number
  lastArrival: number
  lastPosition: number
}

const newTrack = (): Track => ({ operations: [], horizon: -Infinity, stale: 0, staleSince: 0 })

export const makeSeat = (rank: number, reporter: Reporter, process: Process, at: number): Seat => ({
  rank,
  key: reporter.key,
  runId: reporter.runId,
  host: reporter.host,
  pid: reporter.pid,
  communicator: null,
  process,
  signatures: noSignatures(),
  collectives: newTrack(),
  transfers: newTrack(),
  exchanged: new Map(),
  clock: null,
  losses: noLosses(),
  settledEnd: Number.NaN,
  arrivedLast: 0,
  lostMicros: 0,
  columns: 0,
  firstArrival: at,
  lastArrival: at,
  lastPosition: 0,
})

/** Host and pid may become known later, but never change for one reporter. */
export const isSeatOf = (seat: Seat, reporter: Reporter): boolean =>
  seat.key === reporter.key &&
  (seat.pid === reporter.pid || seat.pid === null || reporter.pid === null) &&
  (seat.host === reporter.host || seat.host === null || reporter.host === null)

/** An independent copy; its communicator and process are joined by whoever copies those. */
export const copySeat = (seat: Seat, process: Process): Seat => ({
  ...seat,
  communicator: null,
  process,
  signatures: copySignatures(seat.signatures),
  collectives: { ...seat.collectives, operations: copyOperations(seat.collectives.operations) },
  transfers: { ...seat.transfers, operations: copyOperations(seat.transfers.operations) },
  exchanged: new Map(Array.from(seat.exchanged, ([peer, count]) => [peer, { ...count }] as const)),
  losses: { ...seat.losses },
})
