// What is wrong with a session: which lines, and which positions of the log they stood for.

export interface Damage {
  /** 1 is the header; null when the damage cannot be pinned to a line. */
  readonly line: number | null
  /** Positions that are lost or not to be trusted; null when none are. */
  readonly from: number | null
  readonly to: number | null
  readonly reason: string
}

export interface DamageList {
  readonly found: ReadonlyArray<Damage>
  /** How many there were in all: the list itself is bounded. */
  readonly count: () => number
  /** A bad line whose positions follow from the next good one. */
  readonly badLine: (line: number, reason: string) => void
  /** Positions for which there is no line at all. */
  readonly missing: (from: number, to: number) => void
  /** The whole of the file is in doubt. */
  readonly whole: (damage: Omit<Damage, "line">) => void
  /** The next good line: bad lines since the last one stood for the positions between. Says whether there were any. */
  readonly settle: (previous: number, next: number) => boolean
}

const maxFound = 1000

export const make = (): DamageList => {
  const found: Array<Damage> = []
  let count = 0
  let bad: Array<{ readonly line: number; readonly reason: string }> = []

  const add = (damage: Damage) => {
    count++
    if (found.length < maxFound) found.push(damage)
  }
  return {
    found,
    count: () => count + bad.length,
    badLine: (line, reason) => {
      if (bad.length < maxFound) bad.push({ line, reason })
      else count++
    },
    missing: (from, to) => add({ line: null, from, to, reason: `${span(from, to)} missing from the file` }),
    whole: (damage) => add({ line: null, ...damage }),
    settle: (previous, next) => {
      const lost = next - previous - 1
      const oneEach = lost === bad.length
      for (const [index, one] of bad.entries()) {
        const from = oneEach ? previous + 1 + index : previous + 1
        const to = oneEach ? from : next - 1
        add({ ...one, from: lost > 0 ? from : null, to: lost > 0 ? to : null })
      }
      const any = bad.length > 0
      bad = []
      return any
    },
  }
}

/** "position 7 is" or "positions 7 to 9 are". */
export const span = (from: number, to: number): string =>
  from === to ? `position ${from} is` : `positions ${from} to ${to} are`
