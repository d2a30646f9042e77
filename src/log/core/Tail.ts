// The end of the log, from which the next commit goes on: head, the last block of each lane, and the end of the time index.

import type { Lane } from "../../domain/Event.ts"
import type { Entry } from "../store/BlockStore.ts"
import { encodePositions, timeKey } from "../store/keys.ts"
import { sealValue } from "../store/sealed.ts"

export interface LaneTail {
  /** Of the last block; 0 when the lane is empty. */
  readonly ordinal: number
  readonly hash: Uint8Array
}

/** Within a segment time never goes back; a wall clock that does begins a new segment. */
export interface TimeTail {
  readonly segment: number
  readonly lastAt: number
  readonly entryAt: number
  readonly entryPosition: number
}

export interface Tail {
  readonly head: number
  readonly lanes: Readonly<Record<Lane, LaneTail>>
  readonly time: TimeTail
}

/** A stretch of the log in which the wall clock did not go back. */
export interface TimeSegment {
  readonly startAt: number
  readonly startPosition: number
}

const none: LaneTail = { ordinal: 0, hash: new Uint8Array(32) }

export const empty: Tail = {
  head: 0,
  lanes: { action: none, telemetry: none },
  time: { segment: -1, lastAt: Number.POSITIVE_INFINITY, entryAt: 0, entryPosition: 0 },
}

/** An entry in so much time or so many events keeps the index small and a search short. */
const ENTRY_MICROS = 100_000
const ENTRY_EVENTS = 4096

export interface Indexed {
  readonly time: TimeTail
  readonly entry: Entry | null
  /** Set when the commit begins a new segment. */
  readonly begun: TimeSegment | null
}

export const indexTime = (time: TimeTail, first: number, minAt: number, maxAt: number): Indexed => {
  const begins = minAt < time.lastAt
  const due = minAt - time.entryAt >= ENTRY_MICROS || first - time.entryPosition >= ENTRY_EVENTS
  if (!begins && !due) return { time: { ...time, lastAt: Math.max(time.lastAt, maxAt) }, entry: null, begun: null }
  const segment = begins ? time.segment + 1 : time.segment
  const key = timeKey(segment, minAt)
  return {
    time: {
      segment,
      lastAt: begins ? maxAt : Math.max(time.lastAt, maxAt),
      entryAt: minAt,
      entryPosition: first,
    },
    entry: [key, sealValue(key, encodePositions(first))],
    begun: begins ? { startAt: minAt, startPosition: first } : null,
  }
}
