// Records that must have been made and never came: with losses about, an absent record proves little.

import type { Analysis } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import { once } from "./once.ts"

/** Of one rank, with slowly fading weight: an early burst does not count for ever. */
export interface Losses {
  operations: number
  withoutStart: number
  withoutFinish: number
  absent: number
}

/** Per column: a hundred columns later, a third of the weight is left. */
const fading = 0.99
/** A reporter that gives so few starts (or finishes) does not give them at all. */
const dialectShare = 0.2

export const noLosses = (): Losses => ({ operations: 0, withoutStart: 0, withoutFinish: 0, absent: 0 })

/** Counts what is missing in a column that is over. An all-to-all that somebody left cannot have lacked anybody. */
export const loseRecords = (column: Column, { seats, endless }: Analysis): void => {
  const everybody = column.finished > 0 && column.signature.kind.shape === "all_to_all"
  for (const [index, seat] of seats.entries()) {
    const { losses } = seat
    const operation = operationAt(seats, column, index)
    losses.operations = losses.operations * fading + (operation === null ? 0 : 1)
    losses.withoutStart *= fading
    losses.withoutFinish *= fading
    losses.absent *= fading
    if (operation === null) {
      // A rank that joined in the middle has missed what came before without any loss.
      if (everybody && seat.columns > 0) losses.absent += 1
      continue
    }
    if (!operation.started && seat.columns > 1) losses.withoutStart += 1
    if (!operation.finished && !endless.has(operation.signature.op)) losses.withoutFinish += 1
  }
}

interface Tally extends Losses {
  records: number
}

/** Share of a communicator's records that are lost, settled columns and the tail together. */
export const lossRate = once((analysis: Analysis): number => {
  const tally: Tally = { ...noLosses(), records: 0 }
  for (const [index, seat] of analysis.seats.entries()) addTo(tally, withTail(seat.losses, analysis, index))
  return tally.records === 0 ? 0 : (2 * tally.absent + tally.withoutStart + tally.withoutFinish) / tally.records
})

const addTo = (tally: Tally, losses: Losses): void => {
  const { operations, withoutStart, withoutFinish, absent } = losses
  tally.records += 2 * (operations + absent)
  tally.absent += absent
  if (withoutStart <= (1 - dialectShare) * operations) tally.withoutStart += withoutStart
  if (withoutFinish <= (1 - dialectShare) * operations) tally.withoutFinish += withoutFinish
}

const withTail = (settled: Losses, analysis: Analysis, index: number): Losses => {
  const all = { ...settled }
  const seat = analysis.seats[index]
  const reached = analysis.reached[index] ?? -1
  for (const [at, column] of analysis.columns.entries()) {
    if (at > reached || seat === undefined) break
    const operation = operationAt(analysis.seats, column, index)
    if (operation === null) {
      if (column.finished > 0 && column.signature.kind.shape === "all_to_all" && all.operations > 0) all.absent += 1
      continue
    }
    all.operations += 1
    if (!operation.started && all.operations > 1) all.withoutStart += 1
    if (!operation.finished && at < reached && !analysis.endless.has(operation.signature.op)) all.withoutFinish += 1
  }
  return all
}
