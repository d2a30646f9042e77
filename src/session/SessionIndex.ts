// Where in a session file which positions lie: one mark every so many lines, so that any range is found in bounded memory.

export interface Mark {
  readonly position: number
  readonly offset: number
  /** The earliest wall time from here to the next mark, µs: the clock may have jumped. Carried events do not count. */
  earliest: number
}

export interface SessionIndex {
  readonly marks: ReadonlyArray<Mark>
  readonly add: (position: number, at: number, carried: boolean, offset: number) => void
}

const linesPerMark = 1000

export const make = (): SessionIndex => {
  const marks: Array<Mark> = []
  let lines = 0
  return {
    marks,
    add: (position, at, carried, offset) => {
      if (lines % linesPerMark === 0) marks.push({ position, offset, earliest: Infinity })
      lines++
      const mark = marks.at(-1)
      if (mark !== undefined && !carried && at < mark.earliest) mark.earliest = at
    },
  }
}

/** The number of the last mark at or before a position; 0 when all lie after it. */
export const markBefore = (marks: ReadonlyArray<Mark>, position: number): number => {
  let low = 0
  let high = marks.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((marks[middle]?.position ?? Infinity) <= position) low = middle
    else high = middle - 1
  }
  return low
}
