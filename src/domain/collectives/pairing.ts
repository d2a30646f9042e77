// A start and its finish are one operation: same reporter, op, file and start time. A repeat changes nothing.

import type { Operation } from "./Operation.ts"
import type { Track } from "./Seat.ts"
import type { Signature } from "./Signature.ts"

/** What a record says of one operation. `start` is null where the reporter gave no time. */
export interface Part {
  readonly signature: Signature
  readonly peer: number
  readonly bytes: number | null
  readonly start: number | null
  readonly end: number | null
  readonly finished: boolean
  readonly failed: boolean
  readonly position: number
  readonly at: number
}

export type Pairing = "entered" | "finished" | "repeated" | "late" | "restarted"

/**
 * Records from before the horizon are repeats or came too late, unless nothing else comes for so long: then the reporter's clock was
 * set back. A batch that is sent again comes faster than that.
 */
const staleRecords = 8
const staleMicros = 5e6

export const pair = (track: Track, part: Part): Pairing => {
  if (part.start === null) return pairUntimed(track, part)
  const { start } = part
  if (start <= track.horizon) return stale(track, part)
  track.stale = 0
  const { operations } = track
  let at = operations.length
  for (; at > 0; at--) {
    const before = operations[at - 1]
    if (before === undefined || before.start < start) break
    if (before.start === start && isSameCall(before, part)) return update(before, part)
  }
  const made = operationOf(part, start, true)
  if (at === operations.length) operations.push(made)
  else operations.splice(after(operations, at, start), 0, made)
  return "entered"
}

/** Calls that share a start keep the order in which they came. */
const after = (operations: ReadonlyArray<Operation>, from: number, start: number): number => {
  let at = from
  while (at < operations.length && operations[at]?.start === start) at += 1
  return at
}

const isSameCall = (operation: Operation, part: Part): boolean =>
  operation.peer === part.peer &&
  (operation.signature === part.signature ||
    (operation.signature.op === part.signature.op && operation.signature.filename === part.signature.filename))

const update = (known: Operation, part: Part): Pairing => {
  known.bytes ??= part.bytes
  if (part.failed && !known.finished) known.failed = true
  if (part.finished ? known.finished : known.started) return "repeated"
  known.lastPosition = part.position
  if (!part.finished) {
    known.started = true
    return "repeated"
  }
  known.finished = true
  known.finishedAt = part.at
  known.end = endOf(part, known.start)
  return "finished"
}

const operationOf = (part: Part, start: number, timed: boolean): Operation => ({
  signature: part.signature,
  peer: part.peer,
  bytes: part.bytes,
  start,
  end: part.finished ? endOf(part, start) : Number.NaN,
  timed,
  started: !part.finished,
  finished: part.finished,
  failed: part.failed,
  position: part.position,
  lastPosition: part.position,
  arrivedAt: part.at,
  finishedAt: part.finished ? part.at : Number.NaN,
})

/** A finish without an end, or with one before its start, still is a finish: only its time is unknown. */
const endOf = (part: Part, start: number): number =>
  part.end === null || part.end < start || part.start === null ? Number.NaN : part.end

/** Without times, a finish belongs to the first open operation of its kind; repeats cannot be told. */
const pairUntimed = (track: Track, part: Part): Pairing => {
  const { operations } = track
  if (part.finished) {
    for (const known of operations) {
      if (!known.timed && !known.finished && isSameCall(known, part)) return update(known, part)
    }
  }
  const last = operations.at(-1)
  operations.push(operationOf(part, last === undefined ? Math.max(0, track.horizon + 1) : last.start + 1, false))
  return "entered"
}

const stale = (track: Track, part: Part): Pairing => {
  if (track.stale === 0) track.staleSince = part.at
  track.stale += 1
  if (track.stale < staleRecords || part.at - track.staleSince < staleMicros) return "late"
  const start = part.start ?? 0
  track.stale = 0
  track.operations.length = 0
  track.horizon = start - 1
  track.operations.push(operationOf(part, start, true))
  return "restarted"
}
