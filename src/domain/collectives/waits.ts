// Who waits in what, and for whom: the edges of the wait-for graph.

import { type Analysis, passedBy } from "./analyse.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import { once } from "./once.ts"
import type { Operation } from "./Operation.ts"
import { transferWaits } from "./pointToPoint.ts"
import type { Seat } from "./Seat.ts"

export interface Wait {
  readonly communicator: Communicator
  readonly seat: Seat
  readonly operation: Operation
  /** Null for a send or recv. */
  readonly column: Column | null
  /** By the agent's clock, µs: of its start, or, when nobody is missing any more, of the last one's that came. */
  readonly since: number
  /** Ranks of the same communicator that have not come; empty when all have. */
  readonly targets: ReadonlyArray<number>
  /** When nobody is missing: whether others have left it. */
  readonly othersLeft: boolean
}

export const waitsOf = once((analysis: Analysis): ReadonlyArray<Wait> => {
  const { communicator } = analysis
  const waits: Array<Wait> = []
  for (const [index, column] of analysis.columns.entries()) {
    if (column.flying.length === 0) continue
    const behind = absentFrom(communicator, analysis, column, index)
    // Whoever has passed it will not come any more; where nobody else is missing, it is them that the others wait for.
    const absent = behind.length > 0 ? behind : ranksAt(analysis, passedBy(analysis, column, index))
    if (absent.length === 0 && analysis.endless.has(column.signature.op)) continue
    for (const seat of column.flying) {
      const operation = operationAt(analysis.seats, column, seat)
      const own = analysis.seats[seat]
      if (operation === null || own === undefined) continue
      const targets = targetsOf(own.rank, column, absent.length > 0 ? absent : upstreamOf(own.rank, column, analysis))
      const othersLeft = targets.length === 0 && column.finished > 0
      const since = targets.length > 0 ? operation.arrivedAt : lastArrivalIn(column, analysis)
      waits.push({ communicator, seat: own, operation, column, since, targets, othersLeft })
    }
  }
  for (const { seat, operation, missing, peerLeft, since } of transferWaits(communicator, analysis)) {
    const targets = missing === null ? [] : [missing]
    waits.push({ communicator, seat, operation, column: null, since, targets, othersLeft: peerLeft })
  }
  return waits
})

const lastArrivalIn = (column: Column, { seats }: Analysis): number => {
  let last = -Infinity
  for (let seat = 0; seat < seats.length; seat++) {
    const arrived = operationAt(seats, column, seat)?.arrivedAt ?? -Infinity
    if (arrived > last) last = arrived
  }
  return last
}

const ranksAt = ({ seats }: Analysis, which: ReadonlyArray<number>): ReadonlyArray<number> =>
  which.flatMap((seat) => seats[seat]?.rank ?? [])

/** Ranks that have not come so far; those that are further have passed it, or their record was lost. */
const absentFrom = (
  communicator: Communicator,
  analysis: Analysis,
  column: Column,
  index: number,
): ReadonlyArray<number> => {
  // An all-to-all that somebody left has seen everybody.
  if (column.finished > 0 && column.signature.kind.shape === "all_to_all") return []
  const absent: Array<number> = []
  if (analysis.seats.length < communicator.size) {
    for (let rank = 0; rank < communicator.size; rank++) if (!communicator.seats.has(rank)) absent.push(rank)
  }
  for (const [seat, own] of analysis.seats.entries()) {
    if ((column.cells[seat] ?? -1) < 0 && (analysis.reached[seat] ?? -1) < index) absent.push(own.rank)
  }
  return absent
}

/** Where all have come and some have left a rooted operation: the root hangs on those still in it, or they on the root. */
const upstreamOf = (rank: number, column: Column, analysis: Analysis): ReadonlyArray<number> => {
  const { root, kind } = column.signature
  if (root === null || column.finished === 0) return []
  const inside = ranksAt(analysis, column.flying)
  if (kind.shape === "to_root" && rank === root) {
    const leaves = inside.filter((other) => other !== root)
    return leaves.length > 0 ? leaves : staying(column, analysis, root)
  }
  return kind.shape === "from_root" && rank !== root && inside.includes(root) ? [root] : []
}

/** Leaves that have left it but done nothing since, while others went on: what they sent may never have been sent. */
const staying = (column: Column, { seats, columns, reached }: Analysis, root: number): ReadonlyArray<number> => {
  const at = column.ordinal - (columns[0]?.ordinal ?? 0)
  const leaves = seats.flatMap((seat, index) =>
    seat.rank === root ? [] : [{ rank: seat.rank, stays: reached[index] === at }],
  )
  const found = leaves.flatMap(({ rank, stays }) => (stays ? [rank] : []))
  return found.length < leaves.length ? found : []
}

/** With a root, only one side waits for all; but a tree may hang on any rank that is absent while the root is there. */
const targetsOf = (rank: number, { signature }: Column, absent: ReadonlyArray<number>): ReadonlyArray<number> => {
  const { root } = signature
  const rooted = signature.kind.shape === "from_root" || signature.kind.shape === "to_root"
  return rooted && root !== null && root !== rank && absent.includes(root) ? [root] : absent
}
