// One record taken in: to its seat, its track, its operation; and what becomes of the communicator by it.

import type { CollectiveEvent } from "../events/CollectiveEvents.ts"
import type { Collectives } from "./Collectives.ts"
import type { Communicator } from "./Communicator.ts"
import { countSide } from "./exchanges.ts"
import { pair, type Part } from "./pairing.ts"
import * as Pool from "./Pool.ts"
import { addInterval, begin, end as ended, keepTimeline, makeProcess, type Process } from "./Process.ts"
import { makeSeat, type Seat } from "./Seat.ts"
import { settleIfDue } from "./settle.ts"
import { signatureOf } from "./Signature.ts"
import type { Watch } from "./Watch.ts"

export const join = (
  state: Collectives,
  pool: Pool.Pool,
  event: CollectiveEvent,
  rank: number,
  at: number,
): { readonly seat: Seat; readonly made: Communicator | null } => {
  const process = processOf(state, pool, event, rank)
  const seat = makeSeat(rank, event.reporter, process, at)
  process.seats.push(seat)
  if (process.seats.length > 1) keepTimeline(process)
  return { seat, made: Pool.join(pool, seat) }
}

/**
 * A pid tells which ranks of several communicators are one process. Without it, one rank of communicators of the same size, by the same
 * reporter, is taken for one process: the whole job's ranks, more than once.
 */
const processOf = (state: Collectives, pool: Pool.Pool, event: CollectiveEvent, rank: number): Process => {
  const { key, pid, host } = event.reporter
  const id = pid === null ? `${key}#${pool.size}:${rank}` : `${host ?? ""}:${pid}`
  const known = state.processes.get(id)
  if (known !== undefined) return known
  const made = makeProcess(id)
  state.processes.set(id, made)
  return made
}

/** Answers false for a record that came too late to count, or again after its operation was settled. */
export const record = (
  seat: Seat,
  event: CollectiveEvent,
  finished: boolean,
  position: number,
  at: number,
  watch: Watch | null,
): boolean => {
  const isTransfer = "remoteRank" in event
  const part = isTransfer
    ? transferPart(seat, event, finished, position, at)
    : collectivePart(seat, event, finished, position, at)
  const track = isTransfer ? seat.transfers : seat.collectives
  const pairing = pair(track, part)
  seat.host ??= event.reporter.host
  seat.pid ??= event.reporter.pid
  seat.lastArrival = at
  seat.lastPosition = position
  const { communicator } = seat
  if (communicator !== null) communicator.lastArrival = at
  if (pairing === "late") return false
  if (pairing === "repeated" && !part.failed) return true
  if (pairing === "restarted") forgetClock(seat)
  if (isTransfer) keepTimeline(seat.process)
  noteInProcess(seat.process, part)
  if (communicator === null) return true
  communicator.version += 1
  communicator.sinceSettled += 1
  if (isTransfer && finished) countSide(communicator.exchanges, seat.rank, part.signature.op, part.peer, part.bytes)
  settleIfDue(communicator, track, watch)
  return true
}

const noteInProcess = (process: Process, { start, end, finished }: Part): void => {
  if (start === null) return
  begin(process, start)
  if (!finished || end === null) return
  ended(process, start, end)
  addInterval(process, start, end)
}

const forgetClock = (seat: Seat): void => {
  seat.clock = null
  seat.settledEnd = Number.NaN
  seat.columns = 0
  seat.process.latestStart = -Infinity
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null)

type Transfer = Extract<CollectiveEvent, { readonly remoteRank: number | null }>
type Collective = Exclude<CollectiveEvent, Transfer>

const transferPart = (seat: Seat, event: Transfer, finished: boolean, position: number, at: number): Part => ({
  signature: signatureOf(seat.signatures, {
    op: event.op,
    count: null,
    dataType: null,
    rootRank: null,
    algorithm: null,
    filename: event.filename,
  }),
  peer: event.remoteRank ?? -1,
  bytes: finite(event.bytes),
  start: finite(event.startTime),
  end: finished ? finite(event.endTime) : null,
  finished,
  failed: hasFailed(event),
  position,
  at,
})

/** Our own reporters say with what error a rank came out. */
const hasFailed = ({ extra }: CollectiveEvent): boolean => typeof extra?.["error"] === "string"

const collectivePart = (seat: Seat, event: Collective, finished: boolean, position: number, at: number): Part => {
  const signature = signatureOf(seat.signatures, event)
  if (signature.root !== null && signature.root !== seat.rank && seat.communicator !== null)
    seat.communicator.foreignRoots += 1
  return {
    signature,
    peer: -1,
    bytes: null,
    start: finite(event.startTime),
    end: finished ? finite(event.endTime) : null,
    finished,
    failed: hasFailed(event),
    position,
    at,
  }
}
