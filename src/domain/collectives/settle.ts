// Old columns become statistics and let their operations go: what keeps the memory bounded.

import { analyse, type Analysis, refit } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Communicator, Mismatch } from "./Communicator.ts"
import { learnExchanges, type Side } from "./exchanges.ts"
import { endsBefore, rowOf, tellsOfGaps } from "./gaps.ts"
import * as History from "./History.ts"
import { loseRecords, lossRate } from "./losses.ts"
import { learn } from "./learn.ts"
import type { Operation } from "./Operation.ts"
import { isTimely } from "./timely.ts"
import { valueOf } from "./Signature.ts"
import type { Seat, Track } from "./Seat.ts"
import { placeWall } from "./wall.ts"
import type { Watch } from "./Watch.ts"

/** Columns between two settlements, and columns that stay behind for records that come late. */
const settleEvery = 32
/** A track that grows past this is settled whether all ranks came or not. */
const forcedLength = 384
const maxMismatches = 8

const holdbackOf = (seats: number): number => Math.max(16, Math.min(64, Math.ceil(128 / seats)))

/** Records after which it is worth the while. */
const recordsPerSettlement = (seats: number): number =>
  2 * seats * Math.max(4, Math.min(settleEvery, Math.ceil(65_536 / seats)), holdbackOf(seats) >> 1)

export const settleIfDue = (communicator: Communicator, track: Track, watch: Watch | null): void => {
  // As long as members may be sorted anew, they keep their operations, so that all of one communicator begin at one column.
  const due =
    communicator.sinceSettled >= recordsPerSettlement(communicator.seats.size) && communicator.membership === "certain"
  const long = track.operations.length >= forcedLength && track.operations.length % 64 === 0
  if (due || long) settle(communicator, long, watch)
}

const settle = (communicator: Communicator, forced: boolean, watch: Watch | null): void => {
  communicator.sinceSettled = 0
  const analysis = analyse(communicator)
  const { seats, columns } = analysis
  const kept = forced ? forcedLength / 2 : holdbackOf(seats.length)
  const clocks = refit(analysis)
  const reference = seats[analysis.reference] ?? null
  if (communicator.reference !== reference) communicator.wall = null
  communicator.reference = reference
  for (const [index, seat] of seats.entries()) seat.clock = clocks[index] ?? null
  communicator.history = History.widen(communicator.history, seats.length)
  const settleable = Math.max(0, columns.length - kept)
  const first = communicator.settled === 0 ? Math.min(settleable, firstWhole(analysis)) : 0
  let done = first
  const fitted = { ...analysis, clocks }
  communicator.wall = placeWall(communicator.wall, columns.slice(first, settleable), fitted)
  for (const column of columns.slice(first, settleable)) {
    if (!forced && !isOver(column, analysis)) break
    note(communicator, column, fitted)
    watch?.column(column, fitted)
    done += 1
  }
  if (first > 0) communicator.approximate = true
  release(communicator, columns.slice(0, done), seats, watch)
  communicator.settled += done
  communicator.version += 1
}

/** Nobody is in it any more, and whoever is absent has passed it or must have been in it. */
const isOver = (column: Column, analysis: Analysis): boolean => {
  if (column.flying.length > 0) return false
  if (column.present === analysis.seats.length) return true
  const mustHaveBeen = column.finished > 0 && column.signature.kind.shape === "all_to_all"
  if (mustHaveBeen) return true
  const index = column.ordinal - (analysis.columns[0]?.ordinal ?? 0)
  return analysis.reached.every((reached, seat) => (column.cells[seat] ?? -1) >= 0 || reached > index)
}

/** A log that begins in the middle of a job: what lies before three whole columns in a row is left out. */
const firstWhole = (analysis: Analysis): number => {
  const { columns } = analysis
  const isWhole = (column: Column | undefined) => column === undefined || column.present === analysis.seats.length
  const [opening] = columns
  if (opening === undefined || (isWhole(opening) && !beganEarlier(analysis))) return 0
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]
    if (column !== undefined && !isOver(column, analysis)) return 0
    if (isWhole(column) && isWhole(columns[index + 1]) && isWhole(columns[index + 2])) return index
  }
  return 0
}

/** A rank whose first record is a finish was in the middle of something when the log began. */
const beganEarlier = ({ seats }: Analysis): boolean =>
  seats.some(({ collectives }) => collectives.operations[0]?.started === false)

const note = (communicator: Communicator, column: Column, analysis: Analysis): void => {
  const { seats } = analysis
  const ends = endsBefore(seats)
  const row = rowOf(column, seats, ends)
  for (const [index, seat] of seats.entries()) {
    seat.settledEnd = ends[index] ?? Number.NaN
    if ((column.cells[index] ?? -1) >= 0) seat.columns += 1
  }
  loseRecords(column, analysis)
  learn(communicator, column, analysis)
  if (tellsOfGaps(column, communicator.size)) History.push(communicator.history, row.gaps, row.period)
  if (column.dissent !== null) remember(communicator, column, analysis)
}

/** Counts that differ all the time are how this program is; they are not remembered one by one. */
const remember = (communicator: Communicator, column: Column, analysis: Analysis): void => {
  communicator.mixed += 1
  // With a record missing, the odd one may belong to another column.
  if (column.present < communicator.size || communicator.mismatches.length >= maxMismatches) return
  if (lossRate(analysis) > 0 && !isTimely(column, analysis)) return
  const mismatch = mismatchOf(column, analysis.seats)
  if (mismatch === null) return
  communicator.mismatches.push(mismatch)
}

export const mismatchOf = (column: Column, seats: ReadonlyArray<Seat>): Mismatch | null => {
  const { dissent, signature } = column
  if (dissent === null) return null
  const operations = seats.flatMap((_, seat) => operationAt(seats, column, seat) ?? [])
  return {
    ordinal: column.ordinal,
    op: signature.op,
    filename: signature.filename,
    difference: dissent.difference,
    expected: valueOf(signature, dissent.difference),
    found: valueOf(dissent.found, dissent.difference),
    ranks: dissent.minority.flatMap((seat) => seats[seat]?.rank ?? []),
    others: operations.length - dissent.minority.length,
    positions: operations.map((operation) => operation.position),
    at: Math.max(...operations.map((operation) => operation.arrivedAt)),
  }
}

/** Lets go of all operations in the columns, and of the transfers before the last of them that brought all ranks together. */
const release = (
  communicator: Communicator,
  columns: ReadonlyArray<Column>,
  seats: ReadonlyArray<Seat>,
  watch: Watch | null,
): void => {
  const sides = new Map<number, Side>()
  const meeting = columns.findLast(
    (column) => column.present === communicator.size && column.signature.kind.shape === "all_to_all",
  )
  for (const [index, seat] of seats.entries()) {
    const operations = releaseTransfers(seat, meeting === undefined ? null : operationAt(seats, meeting, index))
    if (operations.length > 0) {
      sides.set(seat.rank, { seat, clock: seat.clock, operations })
      watch?.transfers(communicator, seat, operations)
    }
    const last = columns.findLast((column) => (column.cells[index] ?? -1) >= 0)
    if (last === undefined) continue
    const count = (last.cells[index] ?? -1) + 1
    const { collectives } = seat
    collectives.horizon = collectives.operations[count - 1]?.start ?? collectives.horizon
    collectives.operations.splice(0, count)
  }
  learnExchanges(communicator.exchanges, sides)
}

/** A blocking rank has left every transfer that it began before a collective which is over; too many are let go but counted. */
const releaseTransfers = (seat: Seat, meeting: Operation | null): ReadonlyArray<Operation> => {
  const { transfers, exchanged } = seat
  if (meeting !== null) exchanged.clear()
  const until = meeting?.start ?? -Infinity
  const excess = transfers.operations.length - forcedLength / 2
  let count = 0
  for (const operation of transfers.operations) {
    if (operation.start >= until && count >= excess) break
    count += 1
    if (operation.start < until) continue
    const known = exchanged.get(operation.peer) ?? { sent: 0, received: 0 }
    if (operation.signature.op === "send") known.sent += 1
    else known.received += 1
    exchanged.set(operation.peer, known)
  }
  if (count === 0) return []
  transfers.horizon = transfers.operations[count - 1]?.start ?? transfers.horizon
  return transfers.operations.splice(0, count)
}
