// The latest settled columns of a communicator: what each rank computed before them.

/** Columns that the window of slow arrivals can hold. */
export const windowColumns = 128

export interface History {
  /** Rows of `width` gaps (µs, NaN unknown), by seat; a ring. */
  readonly gaps: Float32Array
  /** Time from the column before to this one, µs. */
  readonly periods: Float64Array
  readonly width: number
  readonly height: number
  rows: number
}

/** Large communicators keep fewer columns: the memory is bounded, the window still 32. */
export const heightFor = (seats: number): number => (seats > 4096 ? 32 : seats > 1024 ? 64 : windowColumns)

export const make = (width: number): History => {
  const height = heightFor(width)
  return {
    gaps: new Float32Array(width * height),
    periods: new Float64Array(height),
    width,
    height,
    rows: 0,
  }
}

export const copy = (history: History): History => ({
  ...history,
  gaps: history.gaps.slice(),
  periods: history.periods.slice(),
})

/** The same history with room for more seats: those had no gaps before. */
export const widen = (history: History, width: number): History => {
  if (width <= history.width) return history
  const wide = make(width)
  const kept = Math.min(history.rows, history.height, wide.height)
  for (let back = kept; back >= 1; back--) {
    const row = rowAt(history, back)
    wide.gaps.fill(Number.NaN, wide.rows * width, (wide.rows + 1) * width)
    wide.gaps.set(history.gaps.subarray(row * history.width, (row + 1) * history.width), wide.rows * width)
    wide.periods[wide.rows] = history.periods[row] ?? Number.NaN
    wide.rows += 1
  }
  return { ...wide, rows: kept }
}

/** Index of the row so many columns back; 1 is the latest. */
export const rowAt = (history: History, back: number): number => (history.rows - back) % history.height

export const push = (history: History, gaps: Float32Array, period: number): void => {
  const row = history.rows % history.height
  history.gaps.set(gaps, row * history.width)
  history.periods[row] = period
  history.rows += 1
}
