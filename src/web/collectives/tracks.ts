// Operations as the timeline draws them: typed arrays a rank, and coarser and coarser levels over them.

import type { CoarseOperationsAnswer, OperationsAnswer } from "../../wire/verdict.ts"

export type OperationAnswer = (typeof OperationsAnswer.Type.operations)[number]

/** Items in the order of their beginnings; times in µs since the epoch. */
export interface Level {
  readonly start: Float64Array
  readonly end: Float64Array
  /** The highest end up to and including each item: where a search for what still reaches into a window begins. */
  readonly reach: Float64Array
  /** Of the time from start to end: in an operation, and waiting in it. */
  readonly busy: Float64Array
  readonly wait: Float64Array
}

export interface Track {
  readonly rank: number
  /** From single items to a few that stand for all. */
  readonly levels: ReadonlyArray<Level>
  /** Of each single item: which operation it is a part of; empty where items are slices. */
  readonly operation: Int32Array
  /** 1 where an item has no end yet and is drawn up to the last known moment. */
  readonly open: Uint8Array
}

export interface Tracks {
  readonly tracks: ReadonlyArray<Track>
  readonly operations: ReadonlyArray<OperationAnswer>
  readonly from: number
  readonly to: number
  readonly items: number
  /** How long a slice is; 0 where items are single operations. */
  readonly slice: number
}

/** So many items of a level become one of the next. */
const fan = 8
const smallest = 64

interface Item {
  readonly start: number
  readonly end: number
  readonly busy: number
  readonly wait: number
  readonly operation: number
  readonly open: boolean
}

const levelOf = (count: number): Level => ({
  start: new Float64Array(count),
  end: new Float64Array(count),
  reach: new Float64Array(count),
  busy: new Float64Array(count),
  wait: new Float64Array(count),
})

const coarser = (fine: Level): Level => {
  const level = levelOf(Math.ceil(fine.start.length / fan))
  for (let item = 0; item < level.start.length; item++) {
    const last = Math.min(fine.start.length, (item + 1) * fan)
    let [end, busy, wait] = [0, 0, 0]
    for (let part = item * fan; part < last; part++) {
      end = Math.max(end, fine.end[part] ?? 0)
      busy += fine.busy[part] ?? 0
      wait += fine.wait[part] ?? 0
    }
    level.start[item] = fine.start[item * fan] ?? 0
    level.end[item] = end
    level.reach[item] = Math.max(end, item === 0 ? 0 : (level.reach[item - 1] ?? 0))
    level.busy[item] = busy
    level.wait[item] = wait
  }
  return level
}

export const trackOf = (rank: number, unsorted: ReadonlyArray<Item>): Track => {
  const items = unsorted.toSorted((one, other) => one.start - other.start)
  const level = levelOf(items.length)
  const operation = new Int32Array(items.length)
  const open = new Uint8Array(items.length)
  items.forEach((item, index) => {
    level.start[index] = item.start
    level.end[index] = item.end
    level.reach[index] = Math.max(item.end, index === 0 ? 0 : (level.reach[index - 1] ?? 0))
    level.busy[index] = item.busy
    level.wait[index] = item.wait
    operation[index] = item.operation
    open[index] = item.open ? 1 : 0
  })
  const levels = [level]
  for (let last = level; last.start.length > smallest;) {
    last = coarser(last)
    levels.push(last)
  }
  return { rank, levels, operation, open }
}

/** `now` is where what has no end yet ends in the picture. */
export const tracksOf = (operations: ReadonlyArray<OperationAnswer>, now: number): Tracks => {
  const byRank = new Map<number, Array<Item>>()
  let [from, to, items] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  operations.forEach((one, operation) => {
    one.ranks.forEach((rank, part) => {
      const start = one.starts_micros[part] ?? 0
      const known = one.ends_micros[part] ?? null
      const end = Math.max(start, known ?? now)
      // Who has no end yet waits, as long as it is not known better.
      const wait = known === null ? end - start : Math.min(end - start, one.waits_micros[part] ?? 0)
      const mine = byRank.get(rank) ?? []
      byRank.set(rank, mine)
      mine.push({ start, end, busy: end - start, wait, operation, open: known === null })
      from = Math.min(from, start)
      to = Math.max(to, end)
      items++
    })
  })
  const tracks = Array.from(byRank, ([rank, mine]) => trackOf(rank, mine)).sort((one, other) => one.rank - other.rank)
  return { tracks, operations, from: items === 0 ? now : from, to: items === 0 ? now : to, items, slice: 0 }
}

export const tracksOfSlices = (answer: typeof CoarseOperationsAnswer.Type): Tracks => {
  const { first_micros: first, slice_micros: slice } = answer
  let [from, to, items] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  const tracks = answer.tracks.map((row) =>
    trackOf(
      row.rank,
      row.slices.map((at, index) => {
        const start = first + at * slice
        from = Math.min(from, start)
        to = Math.max(to, start + slice)
        items += row.operations[index] ?? 0
        const busy = Math.min(slice, row.busy_micros[index] ?? 0)
        const wait = Math.min(busy, row.worst_wait_micros[index] ?? 0)
        return { start, end: start + slice, busy, wait, operation: -1, open: false }
      }),
    ),
  )
  return { tracks, operations: [], from: items === 0 ? 0 : from, to: items === 0 ? 0 : to, items, slice }
}

/** The first item that begins at or after. */
const firstFrom = (start: Float64Array, micros: number): number => {
  let [low, high] = [0, start.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((start[middle] ?? 0) < micros) low = middle + 1
    else high = middle
  }
  return low
}

export interface Visible {
  readonly level: Level
  readonly isSingle: boolean
  readonly first: number
  /** Exclusive. */
  readonly last: number
}

/** The finest level of which no more items than `most` lie in the window. */
export const visibleIn = (track: Track, from: number, to: number, most: number): Visible => {
  for (const [number, level] of track.levels.entries()) {
    const first = firstFrom(level.reach, from)
    const last = firstFrom(level.start, to)
    if (last - first <= most || number === track.levels.length - 1) {
      return { level, isSingle: number === 0, first, last }
    }
  }
  throw new Error("a track has at least one level")
}

/** The single item of a rank at a time, the latest that has begun; null where there is none. */
export const itemAt = (track: Track, micros: number, slack: number): number | null => {
  const [level] = track.levels
  if (level === undefined) return null
  for (let item = firstFrom(level.start, micros + slack) - 1; item >= 0; item--) {
    if ((level.end[item] ?? 0) + slack >= micros) return item
    if ((level.reach[item] ?? 0) + slack < micros) return null
  }
  return null
}
