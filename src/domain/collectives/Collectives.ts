// How far each rank of each communicator has come: the fold of collective records.

import type { Position } from "../Brands.ts"
import type { Envelope } from "../Envelope.ts"
import type { CollectiveEvent } from "../events/CollectiveEvents.ts"

/** Bounds of what is remembered; beyond them the oldest is let go. */
const maxCommunicators = 1024
const maxRecentOperations = 4096
const maxOpenColumns = 4096
const maxRanks = 65_536

const defaultHangLimitMicros = 60e6

/** One rank's part in one collective. */
export interface Entry {
  readonly ordinal: number
  readonly op: string
  readonly filename: string
  readonly startPosition: Position
  readonly arrivedAt: number
  finished: boolean
}

export interface RankProgress {
  readonly rank: number
  /** Collectives entered so far; the ordinal of the latest. */
  entered: number
  readonly inFlight: Map<string, Entry>
  /** The latest operations by key, so that a repeated record changes nothing. */
  readonly recent: Map<string, Entry>
  host: string | null
  pid: number | null
  lastPosition: Position
}

/** Column `ordinal` of a communicator: one collective across its ranks. */
export interface Column {
  readonly ordinal: number
  readonly op: string
  readonly filename: string
  /** Arrival of the first record of it, by the agent's clock. */
  readonly since: number
  readonly firstPosition: Position
  entered: number
}

export interface Communicator {
  readonly id: string
  readonly runId: string | null
  readonly commId: string | null
  readonly size: number
  readonly ranks: Map<number, RankProgress>
  /** Columns that not every rank has entered. */
  readonly open: Map<number, Column>
  complete: number
}

export interface Collectives {
  readonly hangLimitMicros: number
  readonly communicators: Map<string, Communicator>
}

export const initial = (): Collectives => ({ hangLimitMicros: defaultHangLimitMicros, communicators: new Map() })

export const inFlight = (state: Collectives): number => {
  let count = 0
  for (const communicator of state.communicators.values()) {
    for (const rank of communicator.ranks.values()) count += rank.inFlight.size
  }
  return count
}

export const evolve = (state: Collectives, envelope: Envelope): Collectives => {
  const { event } = envelope
  switch (event._tag) {
    case "AgentStarted":
      return { ...state, hangLimitMicros: event.hangLimitMillis * 1000 }
    case "CollectiveStarted":
      note(state, envelope, event, false)
      return state
    case "CollectiveFinished":
      note(state, envelope, event, true)
      return state
    default:
      return state
  }
}

const note = (state: Collectives, envelope: Envelope, event: CollectiveEvent, finished: boolean): void => {
  if (event.rank === null || event.size === null || event.rank >= event.size || event.size > maxRanks) return
  const communicator = communicatorOf(state, event, event.size)
  const rank = rankOf(communicator, event.rank)
  rank.host = event.reporter.host ?? rank.host
  rank.pid = event.reporter.pid ?? rank.pid
  rank.lastPosition = envelope.position
  const key = `${event.op} ${event.startTime} ${event.filename}`
  const entry = rank.recent.get(key) ?? enter(communicator, rank, key, envelope, event)
  if (finished && !entry.finished) {
    entry.finished = true
    rank.inFlight.delete(key)
  }
}

const communicatorOf = (state: Collectives, event: CollectiveEvent, size: number): Communicator => {
  const id = event.communicator ?? `${event.reporter.runId ?? "default"}/${size}`
  const known = state.communicators.get(id)
  if (known !== undefined) return known
  const made: Communicator = {
    id,
    runId: event.reporter.runId,
    commId: event.communicator,
    size,
    ranks: new Map(),
    open: new Map(),
    complete: 0,
  }
  state.communicators.set(id, made)
  dropOldest(state.communicators, maxCommunicators)
  return made
}

const rankOf = (communicator: Communicator, rank: number): RankProgress => {
  const known = communicator.ranks.get(rank)
  if (known !== undefined) return known
  const made: RankProgress = {
    rank,
    entered: 0,
    inFlight: new Map(),
    recent: new Map(),
    host: null,
    pid: null,
    lastPosition: 0 as Position,
  }
  communicator.ranks.set(rank, made)
  return made
}

const enter = (
  communicator: Communicator,
  rank: RankProgress,
  key: string,
  envelope: Envelope,
  event: CollectiveEvent,
): Entry => {
  rank.entered += 1
  const entry: Entry = {
    ordinal: rank.entered,
    op: event.op,
    filename: event.filename ?? "",
    startPosition: envelope.position,
    arrivedAt: envelope.at,
    finished: false,
  }
  rank.recent.set(key, entry)
  dropOldest(rank.recent, maxRecentOperations)
  rank.inFlight.set(key, entry)
  dropOldest(rank.inFlight, maxRecentOperations)
  fill(communicator, entry)
  return entry
}

/** Counts an entry into its column; a column that everybody entered is closed. */
const fill = (communicator: Communicator, entry: Entry): void => {
  const column = communicator.open.get(entry.ordinal) ?? {
    ordinal: entry.ordinal,
    op: entry.op,
    filename: entry.filename,
    since: entry.arrivedAt,
    firstPosition: entry.startPosition,
    entered: 0,
  }
  column.entered += 1
  if (column.entered >= communicator.size) {
    communicator.open.delete(entry.ordinal)
    communicator.complete = Math.max(communicator.complete, entry.ordinal)
    return
  }
  communicator.open.set(entry.ordinal, column)
  dropOldest(communicator.open, maxOpenColumns)
}

const dropOldest = <K, V>(map: Map<K, V>, bound: number): void => {
  if (map.size <= bound) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}

export const copy = (state: Collectives): Collectives => ({
  hangLimitMicros: state.hangLimitMicros,
  communicators: new Map(
    Array.from(state.communicators, ([id, communicator]) => [id, copyCommunicator(communicator)] as const),
  ),
})

const copyCommunicator = (communicator: Communicator): Communicator => ({
  ...communicator,
  ranks: new Map(Array.from(communicator.ranks, ([rank, progress]) => [rank, copyRank(progress)] as const)),
  open: new Map(Array.from(communicator.open, ([ordinal, column]) => [ordinal, { ...column }] as const)),
})

/** An entry is shared by `recent` and `inFlight`; the copies share theirs alike. */
const copyRank = (progress: RankProgress): RankProgress => {
  const recent = new Map(Array.from(progress.recent, ([key, entry]) => [key, { ...entry }] as const))
  const flying = new Map(Array.from(progress.inFlight, ([key, entry]) => [key, recent.get(key) ?? { ...entry }] as const))
  return { ...progress, recent, inFlight: flying }
}
