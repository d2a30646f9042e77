// All reporters that claim a rank under one name and size. Where two claim the same rank, they are members of different communicators,
// and who belongs to whom is read from operations that end together.

import * as Communicator from "./Communicator.ts"
import * as History from "./History.ts"
import type { Reporter } from "../events/CollectiveEvents.ts"
import { isSeatOf, type Seat } from "./Seat.ts"
import { affinity, endsOf } from "./shift.ts"

export interface Pool {
  readonly runId: string | null
  readonly commId: string | null
  readonly size: number
  readonly seats: Map<number, Array<Seat>>
  readonly communicators: Array<Communicator.Communicator>
  /** Communicators ever made here: names are not used twice. */
  made: number
  /** The number of the latest that is known to overlap with an earlier one in time. */
  contended: number
  /** Records until the members are sorted again; infinite while no rank is claimed twice. */
  untilSorted: number
  sorted: number
}

/** Sorting is done this often after a rank was claimed twice, each time with twice the records. */
const maxSortings = 4
/** Jobs that ended before are left as they are; of very many at once, only the latest are sorted. */
const aliveMicros = 30e6
const maxSorted = 16
/** Reporters that claim one rank of one name; more are no job but noise. */
const maxClaims = 64

export const make = (runId: string | null, commId: string | null, size: number): Pool => ({
  runId,
  commId,
  size,
  seats: new Map(),
  communicators: [],
  made: 0,
  contended: 0,
  untilSorted: Infinity,
  sorted: 0,
})

export const find = (pool: Pool, rank: number, reporter: Reporter): Seat | null => {
  const claims = pool.seats.get(rank)
  if (claims === undefined) return null
  for (const seat of claims) if (isSeatOf(seat, reporter)) return seat
  return null
}

export const nameOf = ({ runId, commId, size }: Pick<Pool, "runId" | "commId" | "size">): string =>
  commId === null ? `${runId ?? "default"}/${size}` : runId === null ? commId : `${runId}/${commId}`

/** Puts a new seat into a communicator; answers the communicator if it was made for it. */
export const join = (pool: Pool, seat: Seat): Communicator.Communicator | null => {
  const claims = pool.seats.get(seat.rank) ?? []
  if (claims.length >= maxClaims) claims.shift()
  claims.push(seat)
  pool.seats.set(seat.rank, claims)
  const free = pool.communicators.findLast((one) => !one.seats.has(seat.rank))
  const target = free ?? newCommunicator(pool)
  enter(target, seat)
  if (pool.untilSorted !== Infinity || pool.contended === pool.made) contend(pool, seat.firstArrival)
  return free === undefined ? target : null
}

/**
 * Called with every record. A job that follows another under the same name takes over its ranks one by one, and is no riddle; only when
 * the earlier one goes on reporting is it open who belongs to whom.
 */
export const noteRecord = (pool: Pool, seat: Seat, at: number): void => {
  if (pool.made > 1 && pool.contended < pool.made && seat.communicator !== pool.communicators.at(-1)) {
    pool.contended = pool.made
    contend(pool, at)
  }
  if (pool.untilSorted !== Infinity) count(pool, at)
}

const contend = (pool: Pool, at: number): void => {
  pool.sorted = 0
  pool.untilSorted = intervalOf(pool, at)
  for (const one of aliveIn(pool, at)) one.membership = "unknown"
}

const aliveIn = (pool: Pool, at: number): ReadonlyArray<Communicator.Communicator> =>
  pool.communicators.filter((one) => one.lastArrival >= at - aliveMicros).slice(-maxSorted)

const intervalOf = (pool: Pool, at: number): number => {
  let seats = 1
  for (const one of aliveIn(pool, at)) seats += one.seats.size
  return 4 * seats * 2 ** pool.sorted
}

const newCommunicator = (pool: Pool): Communicator.Communicator => {
  pool.made += 1
  const id = pool.made === 1 ? nameOf(pool) : `${nameOf(pool)}#${pool.made}`
  const made = Communicator.make(id, pool.runId, pool.commId, pool.size)
  pool.communicators.push(made)
  return made
}

const enter = (communicator: Communicator.Communicator, seat: Seat): void => {
  communicator.lastArrival = Math.max(communicator.lastArrival, seat.lastArrival)
  communicator.seats.set(seat.rank, seat)
  communicator.version += 1
  seat.communicator = communicator
}

/** Sorts the members when it is time. */
const count = (pool: Pool, at: number): void => {
  pool.untilSorted -= 1
  if (pool.untilSorted > 0) return
  sort(pool, at)
  pool.sorted += 1
  const done = pool.sorted >= maxSortings
  pool.untilSorted = done ? Infinity : intervalOf(pool, at)
  for (const one of pool.communicators) one.membership = done ? "certain" : "tentative"
}

/** Every communicator keeps the seat that it had longest as its seed; the others go where their ends coincide most. */
const sort = (pool: Pool, at: number): void => {
  const alive = aliveIn(pool, at)
  const seats = alive.flatMap((one) => Array.from(one.seats.values()))
  const seeds = seedsOf(seats)
  const choices = seats
    .filter((seat) => !seeds.includes(seat))
    .map((seat) => ({ seat, liking: seeds.map((seed) => affinityOf(seat, seed)) }))
    .sort((a, b) => certainty(b.liking) - certainty(a.liking))
  const groups = seeds.map((seed) => new Map([[seed.rank, seed]]))
  for (const { seat, liking } of choices) {
    const order = groups.map((_, index) => index).sort((a, b) => (liking[b] ?? 0) - (liking[a] ?? 0))
    const free = order.find((index) => groups[index]?.has(seat.rank) === false)
    if (free !== undefined) groups[free]?.set(seat.rank, seat)
  }
  const homes = seeds.map(({ communicator }) => communicator)
  for (const [index, members] of groups.entries()) {
    const home = homes[index]
    if (home !== null && home !== undefined) regroup(home, members)
  }
  // One that nobody is left in stays for the next who comes.
  for (const one of alive) if (!homes.includes(one)) regroup(one, new Map())
}

/** One seat a communicator, all of one rank: that of the most claims, so that no two seeds belong together. */
const seedsOf = (seats: ReadonlyArray<Seat>): ReadonlyArray<Seat> => {
  const claims = new Map<number, Array<Seat>>()
  let most: ReadonlyArray<Seat> = []
  for (const seat of seats) {
    const own = claims.get(seat.rank) ?? []
    own.push(seat)
    claims.set(seat.rank, own)
    if (own.length > most.length) most = own
  }
  return most
}

const certainty = (liking: ReadonlyArray<number>): number => {
  const [best = 0, second = 0] = [...liking].sort((a, b) => b - a)
  return best - second
}

const affinityOf = (seat: Seat, seed: Seat): number => {
  const together = affinity(endsOf(seat.collectives.operations), endsOf(seed.collectives.operations))
  const apart = Math.abs(seat.firstArrival - seed.firstArrival) / 1e6
  // Without operations to compare, those who came together belong together.
  return together + 0.01 / (1 + apart)
}

const regroup = (communicator: Communicator.Communicator, members: ReadonlyMap<number, Seat>): void => {
  const same =
    members.size === communicator.seats.size &&
    Array.from(members).every(([rank, seat]) => communicator.seats.get(rank) === seat)
  if (same) return
  communicator.seats.clear()
  communicator.reference = null
  communicator.wall = null
  communicator.history = History.make(0)
  communicator.groups.clear()
  communicator.kinds.clear()
  communicator.mismatches.length = 0
  communicator.mixed = 0
  communicator.exchanges.clear()
  communicator.lostByFile.clear()
  communicator.beats.signatures.length = 0
  communicator.beats.ends.length = 0
  for (const seat of members.values()) {
    seat.columns = 0
    seat.clock = null
    seat.settledEnd = Number.NaN
    enter(communicator, seat)
  }
}
