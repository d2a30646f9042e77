// Whether those who differ in a column were in it at all: where records are lost, the odd one may belong to another column.

import type { Analysis } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import { newColumn, place, timingOf } from "./Profile.ts"

/** Columns to either side that are looked at when a column's own times say nothing. */
const neighbours = 6

/** Only clocks count: those who differ came and left with the others, or did so in the all-to-all operations around it. */
export const isTimely = (column: Column, analysis: Analysis): boolean => {
  const minority = column.dissent?.minority ?? []
  if (column.signature.kind.shape === "all_to_all")
    return column.finished === 0 || areTogether(column, minority, analysis)
  const at = column.ordinal - (analysis.columns[0]?.ordinal ?? 0)
  const before = analysis.columns.slice(Math.max(0, at - neighbours), at).reverse()
  const after = analysis.columns.slice(at + 1, at + 1 + neighbours)
  return [before, after].every((side) => side.length === 0 || isAnchored(side, minority, analysis))
}

/** Up to the nearest all-to-all column that is over, they are in every column, and in that one together with the others. */
const isAnchored = (side: ReadonlyArray<Column>, minority: ReadonlyArray<number>, analysis: Analysis): boolean => {
  for (const column of side) {
    if (minority.some((seat) => (column.cells[seat] ?? -1) < 0)) return column.flying.length > 0
    if (column.signature.kind.shape !== "all_to_all" || column.dissent !== null) continue
    return column.finished === 0 || areTogether(column, minority, analysis)
  }
  return true
}

const areTogether = (column: Column, seats: ReadonlyArray<number>, analysis: Analysis): boolean => {
  const { clocks } = analysis
  const others = newColumn(analysis.seats.length, column.signature)
  for (let seat = 0; seat < analysis.seats.length; seat++) {
    const index = column.cells[seat] ?? -1
    if (index < 0 || seats.includes(seat)) continue
    const operations = analysis.seats[seat]?.collectives.operations ?? []
    place(others, { seat, operations, clock: clocks[seat] ?? null }, index)
  }
  return seats.every((seat) => {
    const operation = operationAt(analysis.seats, column, seat)
    return operation !== null && timingOf(others, operation, clocks[seat] ?? null) === "together"
  })
}
