// From those who wait to those who keep them waiting: the ends of the wait-for graph, or the finding that it has none.

import type { Communicator } from "./Communicator.ts"
import type { Process } from "./Process.ts"
import type { Seat } from "./Seat.ts"
import type { Wait } from "./waits.ts"

/** A rank that keeps others waiting and itself waits for nobody. */
export interface Sink {
  readonly communicator: Communicator
  readonly rank: number
  /** Null for a rank that nobody ever heard of. */
  readonly seat: Seat | null
  /** The wait that leads to it. */
  readonly keeps: Wait
  /** What it is in, where all have come and it does not get out; null when it is in no operation. */
  readonly inside: Wait | null
}

export type WaitsByProcess = ReadonlyMap<Process, ReadonlyArray<Wait>>

export const byProcess = (waits: Iterable<Wait>): WaitsByProcess => {
  const found = new Map<Process, Array<Wait>>()
  for (const wait of waits) {
    const own = found.get(wait.seat.process)
    if (own === undefined) found.set(wait.seat.process, [wait])
    else own.push(wait)
  }
  return found
}

interface Visit {
  readonly communicator: Communicator
  readonly rank: number
  readonly seat: Seat | null
  readonly keeps: Wait
}

/**
 * Follows waits, however far and into whatever communicator, from what the given ones wait for. Where everybody waits for somebody there
 * is no end: the waits go round.
 */
export const sinksOf = (from: ReadonlyArray<Wait>, waits: WaitsByProcess): ReadonlyArray<Sink> => {
  const sinks: Array<Sink> = []
  const seen = new Set<Process>()
  const unheard = new Set<string>()
  const open: Array<Visit> = []
  const visit = (wait: Wait) => {
    for (const rank of wait.targets) {
      open.push({ communicator: wait.communicator, rank, seat: wait.communicator.seats.get(rank) ?? null, keeps: wait })
    }
  }
  for (const wait of from) {
    seen.add(wait.seat.process)
    visit(wait)
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.seat === null) {
      const name = `${next.communicator.id} ${next.rank}`
      if (!unheard.has(name)) sinks.push({ ...next, inside: null })
      unheard.add(name)
      continue
    }
    if (seen.has(next.seat.process)) continue
    seen.add(next.seat.process)
    const own = waits.get(next.seat.process) ?? []
    const inside = own.find((wait) => wait.targets.length === 0)
    if (own.length === 0) sinks.push({ ...next, inside: null })
    else if (inside !== undefined) sinks.push({ ...next, inside })
    else for (const wait of own) visit(wait)
  }
  return sinks
}
