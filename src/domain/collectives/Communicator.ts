// A group of ranks that take part in the same collectives, as far as their records tell.

import type { Exchanges } from "./exchanges.ts"
import * as History from "./History.ts"
import * as OpGroup from "./OpGroup.ts"
import { type Beats, copyBeats, noBeats } from "./regression.ts"
import type { Seat } from "./Seat.ts"
import type { Difference } from "./Signature.ts"
import type { Wall } from "./wall.ts"

/** A disagreement in a column that has been settled: the job went on, and perhaps with wrong numbers. */
export interface Mismatch {
  readonly ordinal: number
  readonly op: string
  readonly filename: string
  readonly difference: Difference
  readonly expected: string
  readonly found: string
  /** Ranks that differ from the majority; empty when nobody can be named. */
  readonly ranks: ReadonlyArray<number>
  readonly others: number
  readonly positions: ReadonlyArray<number>
  readonly at: number
}

export interface KindCounts {
  columns: number
  /** Columns that somebody is known to have left. */
  left: number
  unevenCounts: number
}

export interface Communicator {
  readonly id: string
  readonly runId: string | null
  readonly commId: string | null
  readonly size: number
  /** By rank. */
  readonly seats: Map<number, Seat>
  /** Another communicator claims the same ranks: who belongs here is not decided, or may still change. */
  membership: "certain" | "tentative" | "unknown"
  /** Columns settled; the next one is one more. */
  settled: number
  /** The log began in the middle of the job, so that columns are counted from where all ranks are there. */
  approximate: boolean
  /** Grows with every record, so that what was analysed can be known to be current. */
  version: number
  sinceSettled: number
  reference: Seat | null
  /** Where the reference's clock lies against the agent's; null while nothing is settled. */
  wall: Wall | null
  history: History.History
  readonly groups: Map<string, OpGroup.OpGroup>
  readonly kinds: Map<string, KindCounts>
  /** Columns on which ranks disagreed. */
  mixed: number
  readonly mismatches: Array<Mismatch>
  /** Rooted operations seen with a root that is not the reporter's own rank: then roots mean what they say. */
  foreignRoots: number
  readonly exchanges: Exchanges
  readonly beats: Beats
  /** Lost to last arrivals, by source file, µs. */
  readonly lostByFile: Map<string, number>
  lastArrival: number
}

export const make = (id: string, runId: string | null, commId: string | null, size: number): Communicator => ({
  id,
  runId,
  commId,
  size,
  seats: new Map(),
  membership: "certain",
  settled: 0,
  approximate: false,
  version: 0,
  sinceSettled: 0,
  reference: null,
  wall: null,
  history: History.make(0),
  groups: new Map(),
  kinds: new Map(),
  mixed: 0,
  mismatches: [],
  foreignRoots: 0,
  exchanges: new Map(),
  beats: noBeats(),
  lostByFile: new Map(),
  lastArrival: 0,
})

/** An independent copy without its seats: whoever copies those puts them in. */
export const copy = (communicator: Communicator): Communicator => ({
  ...communicator,
  seats: new Map(),
  reference: null,
  history: History.copy(communicator.history),
  groups: new Map(Array.from(communicator.groups, ([key, group]) => [key, OpGroup.copy(group)] as const)),
  kinds: new Map(Array.from(communicator.kinds, ([key, counts]) => [key, { ...counts }] as const)),
  mismatches: communicator.mismatches.slice(),
  exchanges: new Map(Array.from(communicator.exchanges, ([key, exchange]) => [key, { ...exchange }] as const)),
  beats: copyBeats(communicator.beats),
  lostByFile: new Map(communicator.lostByFile),
})

/** In the order in which they joined, which never changes: rows of the history are in the same order. */
export const seatsOf = (communicator: Communicator): ReadonlyArray<Seat> => Array.from(communicator.seats.values())
