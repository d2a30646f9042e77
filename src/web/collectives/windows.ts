// Which stretch of time the timeline shows, how it moves, and what has to be asked for it.

export interface Window {
  readonly from: number
  readonly to: number
}

/** A microsecond a pixel and a little less: closer there is nothing to see. */
const shortest = 200
/** Around what is shown, so much is kept ready on each side. */
const margin = 0.5
const finest = 1_000
/** So many slices a window; each some pixels wide. */
const slices = 400

export const lengthOf = ({ from, to }: Window): number => to - from

/** The place under `at` (0 left, 1 right) stays where it is. */
export const zoomed = (window: Window, extent: Window, factor: number, at: number): Window => {
  const pivot = window.from + at * lengthOf(window)
  const length = Math.min(Math.max(lengthOf(window) * factor, shortest), Math.max(shortest, lengthOf(extent)))
  return inside({ from: pivot - at * length, to: pivot + (1 - at) * length }, extent)
}

export const moved = (window: Window, extent: Window, micros: number): Window =>
  inside({ from: window.from + micros, to: window.to + micros }, extent)

/** Never quite beyond the log's own ends. */
const inside = (window: Window, extent: Window): Window => {
  const length = lengthOf(window)
  const slack = length * 0.1
  const from = Math.max(extent.from - slack, Math.min(window.from, extent.to + slack - length))
  return { from, to: from + length }
}

export interface Known extends Window {
  /** 0 where single operations are known. */
  readonly slice: number
}

export interface Wanted extends Window {
  /** Null for single operations. */
  readonly slice: number | null
}

const covers = (known: Known | null, { from, to }: Window, extent: Window): boolean =>
  known !== null && known.from <= Math.max(from, extent.from) && known.to >= Math.min(to, extent.to)

/** Fewer than this are shown singly. */
const mostSingle = 9_000

/** What to ask next so that the window can be drawn well; null when it can be by now. `inWindow`: how many there are, if known. */
export const wantedFor = (
  window: Window,
  extent: Window,
  single: Known | null,
  sliced: Known | null,
  inWindow: number | null,
): Wanted | null => {
  if (covers(single, window, extent)) return null
  const length = lengthOf(window)
  const isFew = inWindow !== null && inWindow <= mostSingle
  const padded = {
    from: Math.max(extent.from, window.from - margin * length),
    to: Math.min(extent.to, window.to + margin * length),
  }
  if (isFew) return { ...padded, slice: null }
  const slice = Math.max(finest, Math.ceil(length / slices / finest) * finest)
  const isFine = covers(sliced, window, extent) && sliced !== null && sliced.slice <= slice * 3
  return isFine ? null : { ...padded, slice }
}
