// One collective across the ranks of a communicator: who came, who left, and whether they agree on what it is.

import type { Operation } from "./Operation.ts"
import type { Seat } from "./Seat.ts"
import { type Comparison, differenceOf, type Difference, type Signature } from "./Signature.ts"

export interface Column {
  readonly ordinal: number
  /** The majority's. */
  readonly signature: Signature
  /** By seat: index of its operation, or −1. */
  readonly cells: Int32Array
  readonly present: number
  readonly finished: number
  /** Seats that are in it now. */
  readonly flying: ReadonlyArray<number>
  readonly dissent: Dissent | null
}

export interface Dissent {
  readonly difference: Difference
  /** What the first of the minority asked for. */
  readonly found: Signature
  /** Seats that differ from the majority; empty when there is none. */
  readonly minority: ReadonlyArray<number>
}

interface Camp {
  readonly signature: Signature
  readonly seats: Array<number>
}

export const operationAt = (
  seats: ReadonlyArray<Seat>,
  column: { readonly cells: Int32Array },
  seat: number,
): Operation | null => seats[seat]?.collectives.operations[column.cells[seat] ?? -1] ?? null

export const readColumn = (
  ordinal: number,
  first: Signature,
  cells: Int32Array,
  seats: ReadonlyArray<Seat>,
  comparison: Comparison,
  isFlying: (seat: number, index: number) => boolean,
): Column => {
  let present = 0
  let finished = 0
  let mixed = false
  const flying: Array<number> = []
  for (let seat = 0; seat < cells.length; seat++) {
    const index = cells[seat] ?? -1
    const operation = index < 0 ? undefined : seats[seat]?.collectives.operations[index]
    if (operation === undefined) continue
    present += 1
    if (operation.finished) finished += 1
    else if (isFlying(seat, index)) flying.push(seat)
    if (operation.signature !== first && differenceOf(operation.signature, first, comparison) !== null) mixed = true
  }
  const camps = mixed ? campsOf(cells, seats, comparison) : []
  const dissent = mixed ? dissentOf(camps, comparison) : null
  return { ordinal, signature: camps[0]?.signature ?? first, cells, present, finished, flying, dissent }
}

/** Largest first. */
const campsOf = (cells: Int32Array, seats: ReadonlyArray<Seat>, comparison: Comparison): ReadonlyArray<Camp> => {
  const camps: Array<Camp> = []
  for (let seat = 0; seat < cells.length; seat++) {
    const signature = operationAt(seats, { cells }, seat)?.signature
    if (signature === undefined) continue
    const own = camps.find((camp) => differenceOf(camp.signature, signature, comparison) === null)
    if (own === undefined) camps.push({ signature, seats: [seat] })
    else own.seats.push(seat)
  }
  return camps.sort((a, b) => b.seats.length - a.seats.length)
}

/** The majority is what was expected; a tie names nobody. */
const dissentOf = (camps: ReadonlyArray<Camp>, comparison: Comparison): Dissent | null => {
  const [expected, found] = camps
  if (expected === undefined || found === undefined) return null
  const difference = differenceOf(expected.signature, found.signature, comparison) ?? "op"
  const tie = expected.seats.length === found.seats.length
  return { difference, found: found.signature, minority: tie ? [] : camps.slice(1).flatMap((camp) => camp.seats) }
}
