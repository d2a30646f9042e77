// How far each rank of each communicator has come: the fold of collective records. Updated in place; a copy is independent.

import type { Envelope } from "../Envelope.ts"
import type { CollectiveEvent } from "../events/CollectiveEvents.ts"
import type * as Communicator from "./Communicator.ts"
import type { Process } from "./Process.ts"
import * as Pool from "./Pool.ts"
import { type ExaminedByPid, noteExamined } from "./examined.ts"
import * as note from "./note.ts"
import type { Watch } from "./Watch.ts"

/** Bounds of what is remembered; beyond them those not heard of for longest are let go. */
const maxCommunicators = 1024
const maxSeats = 131_072
const maxRanks = 65_536
/** So many are let go at once, so that finding them costs little. */
const letGoAtOnce = 32

const defaultHangLimitMicros = 60e6

/** Records that told nothing, by why. */
export interface Refused {
  unplaced: number
  outOfRange: number
  late: number
}

export interface Collectives {
  hangLimitMicros: number
  readonly communicators: Map<string, Communicator.Communicator>
  /** By run, then communicator id ("" where none was sent), then size. */
  readonly pools: Map<string, Map<string, Map<number, Pool.Pool>>>
  readonly processes: Map<string, Process>
  seats: number
  readonly refused: Refused
  /** Processes that were looked at closely when a verdict turned bad. */
  readonly examined: ExaminedByPid
  /** Communicators let go because there were too many. */
  forgotten: number
  /** Records that the agent itself had to drop, and when it came up last (wall, µs). */
  dropped: number
  agentStartedAt: number | null
  agentStarts: number
}

export const initial = (): Collectives => ({
  hangLimitMicros: defaultHangLimitMicros,
  communicators: new Map(),
  pools: new Map(),
  processes: new Map(),
  seats: 0,
  refused: { unplaced: 0, outOfRange: 0, late: 0 },
  examined: new Map(),
  forgotten: 0,
  dropped: 0,
  agentStartedAt: null,
  agentStarts: 0,
})

/** Operations that some rank is in, as far as its latest records tell. */
export const inFlight = (state: Collectives): number => {
  let count = 0
  for (const communicator of state.communicators.values()) {
    for (const { collectives, transfers } of communicator.seats.values()) {
      if (collectives.operations.at(-1)?.finished === false) count += 1
      if (transfers.operations.at(-1)?.finished === false) count += 1
    }
  }
  return count
}

export const evolve = (state: Collectives, envelope: Envelope, watch: Watch | null = null): Collectives => {
  const { event } = envelope
  switch (event._tag) {
    case "CollectiveStarted":
    case "TransferStarted":
      take(state, event, false, envelope, watch)
      return state
    case "CollectiveFinished":
    case "TransferFinished":
      take(state, event, true, envelope, watch)
      return state
    case "AgentStarted":
      state.hangLimitMicros = event.hangLimitMillis * 1000
      state.agentStartedAt = envelope.at
      state.agentStarts += 1
      return state
    case "ProcessExamined":
      noteExamined(state.examined, { ...event, position: envelope.position, at: envelope.at })
      return state
    case "TelemetryDropped":
      state.dropped += event.count
      return state
    default:
      return state
  }
}

const take = (
  state: Collectives,
  event: CollectiveEvent,
  finished: boolean,
  { position, at }: Envelope,
  watch: Watch | null,
): void => {
  const { rank, size } = event
  if (rank === null || size === null) {
    state.refused.unplaced += 1
    return
  }
  if (!(rank >= 0 && rank < size && size <= maxRanks)) {
    state.refused.outOfRange += 1
    return
  }
  const pool = poolOf(state, event, size)
  let seat = Pool.find(pool, rank, event.reporter)
  if (seat === null) {
    const joined = note.join(state, pool, event, rank, at)
    seat = joined.seat
    state.seats += 1
    if (joined.made !== null) {
      state.communicators.set(joined.made.id, joined.made)
      bound(state)
    }
  }
  if (!note.record(seat, event, finished, position, at, watch)) state.refused.late += 1
  Pool.noteRecord(pool, seat, at)
}

const poolOf = (state: Collectives, event: CollectiveEvent, size: number): Pool.Pool => {
  const { runId } = event.reporter
  const run = runId ?? ""
  const byName = state.pools.get(run) ?? new Map<string, Map<number, Pool.Pool>>()
  if (byName.size === 0) state.pools.set(run, byName)
  const name = event.communicator ?? ""
  const bySize = byName.get(name) ?? new Map<number, Pool.Pool>()
  if (bySize.size === 0) byName.set(name, bySize)
  const known = bySize.get(size)
  if (known !== undefined) return known
  const made = Pool.make(runId, event.communicator, size)
  bySize.set(size, made)
  return made
}

/** Lets the communicators go that were not heard of for longest. */
const bound = (state: Collectives): void => {
  if (state.communicators.size <= maxCommunicators && state.seats <= maxSeats) return
  const oldest = Array.from(state.communicators.values())
    .sort((a, b) => a.lastArrival - b.lastArrival)
    .slice(0, letGoAtOnce)
  for (const communicator of oldest) {
    if (state.communicators.size <= 1) break
    forget(state, communicator)
  }
}

const forget = (state: Collectives, communicator: Communicator.Communicator): void => {
  state.communicators.delete(communicator.id)
  state.forgotten += 1
  for (const seat of communicator.seats.values()) {
    state.seats -= 1
    const { process } = seat
    process.seats.splice(process.seats.indexOf(seat), 1)
    if (process.seats.length === 0) state.processes.delete(process.id)
  }
  const run = communicator.runId ?? ""
  const name = communicator.commId ?? ""
  const bySize = state.pools.get(run)?.get(name)
  const pool = bySize?.get(communicator.size)
  if (pool === undefined) return
  pool.communicators.splice(pool.communicators.indexOf(communicator), 1)
  for (const [rank, seat] of communicator.seats) {
    const claims = pool.seats.get(rank)?.filter((other) => other !== seat) ?? []
    if (claims.length === 0) pool.seats.delete(rank)
    else pool.seats.set(rank, claims)
  }
  if (pool.communicators.length > 0) return
  bySize?.delete(communicator.size)
  if (bySize?.size === 0) state.pools.get(run)?.delete(name)
  if (state.pools.get(run)?.size === 0) state.pools.delete(run)
}

export { copy } from "./copy.ts"
