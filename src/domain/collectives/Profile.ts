// Columns in the making: what each is, by the ranks put in so far, and when it lay by the reference's clock.

import { type Clock, slackAt, toReference } from "./Clock.ts"
import type { Operation } from "./Operation.ts"
import { type Comparison, differenceOf, type Signature } from "./Signature.ts"

/** Clocks and ends jitter by so much even when they are right, µs. */
const jitterMicros = 200

export interface ProfileColumn {
  signature: Signature
  /** By seat: index of its operation, or −1. */
  readonly cells: Int32Array
  /** By the reference's clock, over the ranks whose clocks are known. */
  latestStart: number
  earliestEnd: number
  duration: number
}

/** One rank on its way into the columns. */
export interface Entrant {
  readonly seat: number
  readonly operations: ReadonlyArray<Operation>
  /** Null when its times say nothing. */
  readonly clock: Clock | null
}

export const newColumn = (seats: number, signature: Signature): ProfileColumn => ({
  signature,
  cells: new Int32Array(seats).fill(-1),
  latestStart: -Infinity,
  earliestEnd: Infinity,
  duration: Infinity,
})

export const place = (column: ProfileColumn, entrant: Entrant, index: number): void => {
  column.cells[entrant.seat] = index
  const operation = entrant.operations[index]
  if (operation === undefined || entrant.clock === null || !operation.timed) return
  const start = toReference(entrant.clock, operation.start)
  if (start > column.latestStart) column.latestStart = start
  if (operation.end !== operation.end) return
  const end = toReference(entrant.clock, operation.end)
  if (end < column.earliestEnd) column.earliestEnd = end
  if (end - start < column.duration) column.duration = end - start
}

export type Timing = "unknown" | "together" | "apart" | "impossible"

/** Nobody leaves such an operation before all have come; whatever breaks this is not one operation. */
export const timingOf = (column: ProfileColumn, operation: Operation, clock: Clock | null): Timing => {
  if (clock === null || !operation.timed || operation.signature.kind.shape !== "all_to_all") return "unknown"
  if (column.signature.kind.shape !== "all_to_all") return "unknown"
  const slack = jitterMicros + slackAt(clock, operation.start)
  if (toReference(clock, operation.start) > column.earliestEnd + slack) return "impossible"
  if (operation.end !== operation.end) return "unknown"
  const end = toReference(clock, operation.end)
  if (end < column.latestStart - slack) return "impossible"
  if (column.earliestEnd === Infinity) return "unknown"
  const transfer = Math.min(column.duration, operation.end - operation.start)
  return Math.abs(end - column.earliestEnd) > slack + transfer ? "apart" : "together"
}

/** Costs in units of one gap: two gaps are the price of not being the same column. */
export const mismatchCost = (
  column: ProfileColumn,
  entrant: Entrant,
  index: number,
  comparison: Comparison,
): number => {
  const operation = entrant.operations[index]
  if (operation === undefined) return 0
  const difference = differenceOf(operation.signature, column.signature, comparison)
  const timing = timingOf(column, operation, entrant.clock)
  let cost = difference === null ? 0 : difference === "op" ? 0.9 : 0.6
  if (timing === "impossible") cost += 2.5
  if (timing === "apart") cost += 0.4
  // Others have come out of it, this rank has not, and it does not even look the same: rather a record was lost.
  const left = column.earliestEnd !== Infinity && column.signature.kind.shape === "all_to_all"
  if (difference !== null && left && !operation.finished) cost += 0.5
  const { filename } = operation.signature
  if (filename !== column.signature.filename && filename !== "" && column.signature.filename !== "") cost += 0.15
  return cost
}
