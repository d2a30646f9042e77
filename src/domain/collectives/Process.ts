// The process behind one or more ranks, and when it was inside any recorded operation.

import type { Seat } from "./Seat.ts"

/** Where every operation of a process lies on its own clock; kept only for one whose gaps may hold other operations. */
export interface Timeline {
  /** Sorted; the two lists go together. */
  readonly starts: Array<number>
  readonly ends: Array<number>
}

export interface Process {
  readonly id: string
  readonly seats: Array<Seat>
  timeline: Timeline | null
  /** Own start of the latest operation begun anywhere: a blocking process has left all that it began before. */
  latestStart: number
  /** Operations ended, and how many of them ended after another had begun. */
  ended: number
  overlapping: number
}

const maxIntervals = 1024

export const makeProcess = (id: string): Process => ({
  id,
  seats: [],
  timeline: null,
  latestStart: -Infinity,
  ended: 0,
  overlapping: 0,
})

/** Whether it waits for one operation before it begins the next, as far as was seen, in all its communicators. */
export const isBlocking = (process: Process): boolean => process.overlapping * 16 <= process.ended

export const begin = (process: Process, start: number): void => {
  if (start > process.latestStart) process.latestStart = start
}

export const end = (process: Process, start: number, end: number): void => {
  process.ended += 1
  if (process.latestStart > start && process.latestStart < end) process.overlapping += 1
}

/** From a second seat or the first transfer on, what lies in a gap has to be known. */
export const keepTimeline = (process: Process): void => {
  process.timeline ??= { starts: [], ends: [] }
}

export const copyTimeline = (timeline: Timeline | null): Timeline | null =>
  timeline === null ? null : { starts: timeline.starts.slice(), ends: timeline.ends.slice() }

export const addInterval = (process: Process, start: number, end: number): void => {
  const { timeline } = process
  if (timeline === null || !(end >= start)) return
  const { starts, ends } = timeline
  let at = starts.length
  while (at > 0 && (starts[at - 1] ?? 0) > start) at -= 1
  if (at === starts.length) {
    starts.push(start)
    ends.push(end)
  } else {
    starts.splice(at, 0, start)
    ends.splice(at, 0, end)
  }
  if (starts.length <= maxIntervals) return
  starts.splice(0, maxIntervals / 2)
  ends.splice(0, maxIntervals / 2)
}

/** Time between two moments of the own clock that the process spent in no recorded operation; NaN where that is forgotten. */
export const timeOutside = (process: Process, from: number, to: number): number => {
  const { timeline } = process
  if (timeline === null || !(to > from)) return to - from
  const { starts, ends } = timeline
  let at = firstAtOrAfter(starts, from)
  if (at === 0 && starts.length >= maxIntervals / 2) return Number.NaN
  let outside = 0
  let free = from
  // An operation that began before `from` may still reach into it.
  for (let back = at - 1; back >= 0 && back >= at - 8; back--) free = Math.max(free, Math.min(to, ends[back] ?? from))
  for (; at < starts.length && (starts[at] ?? to) < to; at++) {
    outside += Math.max(0, (starts[at] ?? to) - free)
    free = Math.max(free, ends[at] ?? free)
  }
  return outside + Math.max(0, to - free)
}

const firstAtOrAfter = (sorted: ReadonlyArray<number>, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
