// Sends and their receives: the n-th of a pair meets the n-th, counted since the last collective that everybody left.

import type { Analysis } from "./analyse.ts"
import { operationAt } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import type { Operation } from "./Operation.ts"
import { isBlocking } from "./Process.ts"
import type { Seat } from "./Seat.ts"

export interface TransferWait {
  readonly seat: Seat
  readonly operation: Operation
  /** The other rank, if it has not come to its part; null when it has, and the bytes do not pass. */
  readonly missing: number | null
  /** Whether the other side has done its part and left. */
  readonly peerLeft: boolean
  /** By the agent's clock, µs: since when it has waited, or, with both there, since the later came. */
  readonly since: number
}

const opposite = { send: "recv", recv: "send" } as const
type Side = keyof typeof opposite
const isSide = (op: string): op is Side => op === "send" || op === "recv"

/** Own start of the last collective that everybody left, by seat; transfers before it are done. */
const sinceOf = (analysis: Analysis, size: number): ReadonlyArray<number> => {
  const last = analysis.columns.findLast(
    (column) => column.present === size && column.finished === size && column.signature.kind.shape === "all_to_all",
  )
  return analysis.seats.map(
    (_, seat) => (last === undefined ? null : operationAt(analysis.seats, last, seat))?.start ?? -Infinity,
  )
}

export const transferWaits = (communicator: Communicator, analysis: Analysis): ReadonlyArray<TransferWait> => {
  const waits: Array<TransferWait> = []
  let since: ReadonlyArray<number> | null = null
  for (const [index, seat] of analysis.seats.entries()) {
    const operation = seat.transfers.operations.at(-1)
    if (operation === undefined || operation.finished || !isSide(operation.signature.op)) continue
    if (isBlocking(seat.process) && operation.timed && seat.process.latestStart > operation.start) continue
    since ??= sinceOf(analysis, communicator.size)
    waits.push(waitOf(communicator, analysis, seat, operation, operation.signature.op, since, index))
  }
  return waits
}

const waitOf = (
  communicator: Communicator,
  analysis: Analysis,
  seat: Seat,
  operation: Operation,
  side: Side,
  since: ReadonlyArray<number>,
  index: number,
): TransferWait => {
  const peer = communicator.seats.get(operation.peer)
  const nth =
    partsOf(seat, side, operation.peer, since[index] ?? -Infinity).length +
    exchanged(seat, side, operation.peer, since[index])
  if (peer === undefined) {
    const outside = operation.peer < 0 || operation.peer >= communicator.size
    return { seat, operation, missing: outside ? null : operation.peer, peerLeft: false, since: operation.arrivedAt }
  }
  const peerSince = since[analysis.seats.indexOf(peer)] ?? -Infinity
  const theirs = partsOf(peer, opposite[side], seat.rank, peerSince)
  const before = exchanged(peer, opposite[side], seat.rank, peerSince)
  const match = theirs[nth - before - 1]
  const came = nth <= before || match !== undefined
  return {
    seat,
    operation,
    missing: came ? null : operation.peer,
    peerLeft: came && (match?.finished ?? true),
    since: Math.max(operation.arrivedAt, match?.arrivedAt ?? -Infinity),
  }
}

const partsOf = (seat: Seat, side: Side, peer: number, since: number): ReadonlyArray<Operation> =>
  seat.transfers.operations.filter((one) => one.start >= since && one.peer === peer && one.signature.op === side)

/** Parts that were let go already; none once a collective has brought all together since. */
const exchanged = (seat: Seat, side: Side, peer: number, since: number | undefined): number => {
  if (since !== undefined && since > -Infinity) return 0
  const counts = seat.exchanged.get(peer)
  return counts === undefined ? 0 : side === "send" ? counts.sent : counts.received
}
