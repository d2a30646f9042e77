// An operation across its ranks with a place in the agent's time: what a timeline draws.

import { analyse, type Analysis } from "./analyse.ts"
import { type Clock, toReference } from "./Clock.ts"
import type { Collectives } from "./Collectives.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import type { Operation } from "./Operation.ts"
import type { Seat } from "./Seat.ts"
import type { Signature } from "./Signature.ts"
import { type Summary, summaryOf } from "./Summary.ts"
import { placeWall, type Wall } from "./wall.ts"
import type { Watch } from "./Watch.ts"

export interface Part {
  readonly seat: Seat
  readonly operation: Operation
  /** By the agent's clock, µs; NaN where it has no end, or none is known. */
  readonly start: number
  readonly end: number
  /** How long it waited in it for another rank; NaN where nothing tells. */
  readonly waitMicros: number
}

export interface Placed {
  readonly communicator: Communicator
  readonly signature: Signature
  /** Null for a transfer, which has one part: its own side. */
  readonly summary: Summary | null
  readonly parts: ReadonlyArray<Part>
  readonly firstPosition: number
  readonly lastPosition: number
}

/** Tells every operation as it is let go. */
export const watching = (tell: (placed: Placed) => void): Watch => ({
  column: (column, analysis) => tell(placedColumn(column, analysis, analysis.communicator.wall)),
  transfers: (communicator, seat, operations) => {
    for (const operation of operations) tell(placedTransfer(communicator, seat, operation))
  },
})

/** Those that the fold still holds: the last few dozen of each communicator, and what is in flight. */
export const tellHeld = (state: Collectives, tell: (placed: Placed) => void): void => {
  for (const communicator of state.communicators.values()) {
    const analysis = analyse(communicator)
    const wall = placeWall(communicator.wall, analysis.columns, analysis)
    for (const column of analysis.columns) tell(placedColumn(column, analysis, wall))
    for (const seat of analysis.seats) {
      for (const operation of seat.transfers.operations) tell(placedTransfer(communicator, seat, operation))
    }
  }
}

/** Without a clock, an operation is placed by when its records arrived. */
const startOf = (operation: Operation, clock: Clock | null, wall: Wall | null): number => {
  if (operation.timed && clock !== null && wall !== null) return toReference(clock, operation.start) + wall.shift
  const stay = operation.end - operation.start
  return operation.started || !(stay >= 0) ? operation.arrivedAt : operation.finishedAt - stay
}

const endOf = (operation: Operation, start: number): number => {
  if (!operation.finished) return Number.NaN
  const stay = operation.end - operation.start
  return stay >= 0 ? start + stay : Math.max(start, operation.finishedAt)
}

const placedTransfer = (communicator: Communicator, seat: Seat, operation: Operation): Placed => {
  const start = startOf(operation, seat.clock, communicator.wall)
  return {
    communicator,
    signature: operation.signature,
    summary: null,
    parts: [{ seat, operation, start, end: endOf(operation, start), waitMicros: Number.NaN }],
    firstPosition: operation.position,
    lastPosition: operation.lastPosition,
  }
}

const placedColumn = (column: Column, analysis: Analysis, wall: Wall | null): Placed => {
  const summary = summaryOf(column, analysis)
  const { seats, clocks, communicator } = analysis
  const parts: Array<Part> = []
  const waitOf = waitsIn(column, summary, analysis)
  for (const [index, seat] of seats.entries()) {
    const operation = operationAt(seats, column, index)
    if (operation === null) continue
    const start = startOf(operation, clocks[index] ?? null, wall)
    parts.push({ seat, operation, start, end: endOf(operation, start), waitMicros: waitOf(index, operation) })
  }
  const { firstPosition, lastPosition } = summary
  return { communicator, signature: column.signature, summary, parts, firstPosition, lastPosition }
}

/** By the clocks where those of all are known; else what a rank stayed longer than the one that stayed shortest. */
const waitsIn = (
  column: Column,
  { transferMicros }: Summary,
  { seats, clocks }: Analysis,
): ((seat: number, operation: Operation) => number) => {
  const { kind, root } = column.signature
  const startIn = (seat: number): number => {
    const operation = operationAt(seats, column, seat)
    const clock = clocks[seat] ?? null
    return operation === null || clock === null || !operation.timed ? Number.NaN : toReference(clock, operation.start)
  }
  const rootSeat = root === null ? -1 : seats.findIndex(({ rank }) => rank === root)
  let latest = -Infinity
  for (let seat = 0; seat < seats.length; seat++) {
    if ((column.cells[seat] ?? -1) >= 0) latest = Math.max(latest, startIn(seat))
  }
  return (seat, operation) => {
    const stay = operation.end - operation.start
    const longest = stay >= 0 ? stay : Infinity
    if (kind.shape === "from_root" && rootSeat >= 0)
      return Math.min(longest, Math.max(0, startIn(rootSeat) - startIn(seat)))
    if (kind.shape === "to_root" && rootSeat >= 0 && seat !== rootSeat) return 0
    return latest === latest ? Math.min(longest, latest - startIn(seat)) : Math.max(0, stay - transferMicros)
  }
}
