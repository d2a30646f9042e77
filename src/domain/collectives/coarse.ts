// A long stretch of operations in few numbers: for each rank and slice of time how many ended, how long it was in them, and the worst
// wait. One pass over the records without aligning them, for ranges that hold too many to be drawn one by one.

import type { Envelope } from "../Envelope.ts"
import type { CollectiveEvent } from "../events/CollectiveEvents.ts"
import { toReference } from "./Clock.ts"
import type { Collectives } from "./Collectives.ts"
import { kindOf } from "./kinds.ts"
import * as Pool from "./Pool.ts"
import type { Seat } from "./Seat.ts"

/** The lists go together: a place in each for every slice in which anything ended. */
export interface Track {
  readonly communicator: string
  readonly rank: number
  readonly slices: Array<number>
  readonly operations: Array<number>
  readonly busyMicros: Array<number>
  readonly worstWaitMicros: Array<number>
  /** Of the finish of the operation that lasted longest. */
  readonly positions: Array<number>
  readonly longestMicros: Array<number>
  meeting: number
}

/** One all-to-all collective, as far as its ends tell: they coincide, once clocks are fitted. */
interface Meeting {
  readonly id: number
  readonly op: string
  readonly end: number
  shortest: number
  readonly stays: Array<{ readonly track: Track; readonly slice: number; readonly micros: number }>
}

export interface Coarse {
  readonly tracks: Map<Seat | string, Track>
  /** Places taken in all lists. */
  places: number
  readonly meetings: Map<string, Array<Meeting>>
  met: number
}

export const make = (): Coarse => ({ tracks: new Map(), places: 0, meetings: new Map(), met: 0 })

/** Ends of one collective lie this close together. */
const closeMicros = 500
/** Collectives of a communicator that are looked at for a rank that comes late. */
const maxOpen = 32

/** `state` knows the seats and clocks; it is not changed. */
export const take = (
  coarse: Coarse,
  state: Collectives,
  { event, at, position }: Envelope,
  slices: { readonly first: number; readonly micros: number },
  communicator: string | null,
): void => {
  if (event._tag !== "CollectiveFinished" && event._tag !== "TransferFinished") return
  const seat = seatOf(state, event)
  const name = seat?.communicator?.id ?? nameOf(event)
  if (name === null || (communicator !== null && name !== communicator)) return
  const track = trackOf(coarse, seat, name, event.rank ?? 0)
  const slice = Math.max(0, Math.floor((at - slices.first) / slices.micros))
  const place = placeOf(coarse, track, slice)
  track.operations[place] = (track.operations[place] ?? 0) + 1
  const stay = (event.endTime ?? Number.NaN) - (event.startTime ?? Number.NaN)
  if (!(stay >= 0)) return
  track.busyMicros[place] = (track.busyMicros[place] ?? 0) + stay
  if (stay >= (track.longestMicros[place] ?? 0)) {
    track.longestMicros[place] = stay
    track.positions[place] = position
  }
  if (seat !== null && seat.clock !== null)
    meet(coarse, track, slice, stay, event, toReference(seat.clock, event.endTime ?? 0))
}

/** After the last record. */
export const finish = (coarse: Coarse): void => {
  for (const open of coarse.meetings.values()) for (const meeting of open) close(meeting)
  coarse.meetings.clear()
}

const nameOf = ({ reporter, communicator, rank, size }: CollectiveEvent): string | null =>
  rank === null || size === null ? null : Pool.nameOf({ runId: reporter.runId, commId: communicator, size })

const seatOf = (state: Collectives, { reporter, communicator, rank, size }: CollectiveEvent): Seat | null => {
  if (rank === null || size === null) return null
  const pool = state.pools
    .get(reporter.runId ?? "")
    ?.get(communicator ?? "")
    ?.get(size)
  return pool === undefined ? null : Pool.find(pool, rank, reporter)
}

const trackOf = (coarse: Coarse, seat: Seat | null, communicator: string, rank: number): Track => {
  const key = seat ?? `${communicator} ${rank}`
  const known = coarse.tracks.get(key)
  if (known !== undefined) return known
  const made: Track = {
    communicator,
    rank,
    slices: [],
    operations: [],
    busyMicros: [],
    worstWaitMicros: [],
    positions: [],
    longestMicros: [],
    meeting: 0,
  }
  coarse.tracks.set(key, made)
  return made
}

/** Records come nearly in the order of time. */
const placeOf = (coarse: Coarse, track: Track, slice: number): number => {
  for (let place = track.slices.length - 1; place >= 0; place--) if (track.slices[place] === slice) return place
  coarse.places += 1
  track.operations.push(0)
  track.busyMicros.push(0)
  track.worstWaitMicros.push(0)
  track.longestMicros.push(0)
  track.positions.push(0)
  return track.slices.push(slice) - 1
}

const meet = (
  coarse: Coarse,
  track: Track,
  slice: number,
  micros: number,
  event: CollectiveEvent,
  end: number,
): void => {
  const { name, shape } = kindOf(event.op)
  if (shape !== "all_to_all") return
  const open = coarse.meetings.get(track.communicator) ?? []
  if (open.length === 0) coarse.meetings.set(track.communicator, open)
  let meeting = open.find((one) => one.id > track.meeting && one.op === name && Math.abs(one.end - end) <= closeMicros)
  if (meeting === undefined) {
    coarse.met += 1
    meeting = { id: coarse.met, op: name, end, shortest: micros, stays: [] }
    open.push(meeting)
    const oldest = open.length > maxOpen ? open.shift() : undefined
    if (oldest !== undefined) close(oldest)
  }
  track.meeting = meeting.id
  meeting.shortest = Math.min(meeting.shortest, micros)
  meeting.stays.push({ track, slice, micros })
}

/** Whoever stayed shortest came last: the others waited for as long as they stayed longer. */
const close = ({ stays, shortest }: Meeting): void => {
  for (const { track, slice, micros } of stays) {
    const place = track.slices.lastIndexOf(slice)
    track.worstWaitMicros[place] = Math.max(track.worstWaitMicros[place] ?? 0, micros - shortest)
  }
}
