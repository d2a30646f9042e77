// An independent copy of the whole state: operations are never changed and so are shared, everything else is copied.

import type { Collectives } from "./Collectives.ts"
import * as Communicator from "./Communicator.ts"
import type { Pool } from "./Pool.ts"
import { copyTimeline, type Process } from "./Process.ts"
import { copySeat, type Seat } from "./Seat.ts"

export const copy = (state: Collectives): Collectives => {
  const processes = new Map<string, Process>()
  const seats = new Map<Seat, Seat>()
  for (const [id, process] of state.processes) {
    const made: Process = { ...process, seats: [], timeline: copyTimeline(process.timeline) }
    processes.set(id, made)
    for (const seat of process.seats) {
      const own = copySeat(seat, made)
      made.seats.push(own)
      seats.set(seat, own)
    }
  }
  const communicators = new Map<Communicator.Communicator, Communicator.Communicator>()
  for (const communicator of state.communicators.values()) {
    const made = Communicator.copy(communicator)
    communicators.set(communicator, made)
    made.reference = (communicator.reference === null ? null : seats.get(communicator.reference)) ?? null
    for (const [rank, seat] of communicator.seats) {
      const own = seats.get(seat)
      if (own === undefined) continue
      own.communicator = made
      made.seats.set(rank, own)
    }
  }
  return {
    ...state,
    refused: { ...state.refused },
    examined: new Map(state.examined),
    processes,
    communicators: new Map(
      Array.from(state.communicators, ([id, one]) => [id, communicators.get(one) ?? Communicator.copy(one)] as const),
    ),
    pools: new Map(
      Array.from(state.pools, ([run, byName]) => [
        run,
        new Map(
          Array.from(byName, ([name, bySize]) => [
            name,
            new Map(Array.from(bySize, ([size, pool]) => [size, copyPool(pool, communicators, seats)] as const)),
          ]),
        ),
      ]),
    ),
  }
}

const copyPool = (
  pool: Pool,
  communicators: ReadonlyMap<Communicator.Communicator, Communicator.Communicator>,
  seats: ReadonlyMap<Seat, Seat>,
): Pool => ({
  ...pool,
  communicators: pool.communicators.flatMap((one) => communicators.get(one) ?? []),
  seats: new Map(
    Array.from(pool.seats, ([rank, claims]) => [rank, claims.flatMap((seat) => seats.get(seat) ?? [])] as const),
  ),
})
