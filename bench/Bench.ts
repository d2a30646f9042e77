// The frame of every benchmark: each figure is measured beside a floor or a peer in the same run, turn by turn, so that what else the
// machine does falls on both alike. A median of an odd number of turns is reported, and the ratio of the two.

/** One turn's measurement, in the figure's unit. */
export type Measure = () => Promise<number>

export interface Figure {
  readonly figure: string
  readonly unit: string
  /** Whether a bigger number is the better one. */
  readonly better: "less" | "more"
  readonly measure: Measure
  /** What the figure is held against: the least that any program must pay, or another program's figure. */
  readonly floor?: { readonly name: string; readonly measure: Measure }
  /** The limit that was promised, in the figure's unit, or as a multiple of the floor. */
  readonly target?: { readonly value: number } | { readonly ratio: number }
  readonly turns?: number
}

export interface Bench {
  readonly name: string
  /** Makes what the figures need; `close` takes it down again. */
  readonly open: () => Promise<{ readonly figures: ReadonlyArray<Figure>; readonly close: () => Promise<void> }>
}

export interface Result {
  readonly bench: string
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly floor: { readonly name: string; readonly value: number } | null
  /** Figure over floor. */
  readonly ratio: number | null
  readonly target: string | null
  /** Null where nothing was promised. */
  readonly ok: boolean | null
}

const defaultTurns = 7

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2
}

const judge = (figure: Figure, value: number, ratio: number | null): boolean | null => {
  const { target, better } = figure
  if (target === undefined) return null
  const [found, limit] = "value" in target ? [value, target.value] : [ratio ?? Number.NaN, target.ratio]
  return better === "less" ? found <= limit : found >= limit
}

const promised = ({ target, better, unit }: Figure): string | null => {
  if (target === undefined) return null
  const sign = better === "less" ? "≤" : "≥"
  return "value" in target ? `${sign} ${target.value} ${unit}` : `${sign} ${target.ratio} × floor`
}

/** Turn by turn: figure, floor, figure, floor … after one unmeasured turn of each. */
export const measure = async (bench: string, figure: Figure): Promise<Result> => {
  const own: Array<number> = []
  const floors: Array<number> = []
  for (let turn = -1; turn < (figure.turns ?? defaultTurns); turn++) {
    const value = await figure.measure()
    const floor = await figure.floor?.measure()
    if (turn < 0) continue
    own.push(value)
    if (floor !== undefined) floors.push(floor)
  }
  const value = median(own)
  const floor = figure.floor === undefined ? null : { name: figure.floor.name, value: median(floors) }
  const ratio = floor === null ? null : value / floor.value
  return {
    bench,
    figure: figure.figure,
    value,
    unit: figure.unit,
    floor,
    ratio,
    target: promised(figure),
    ok: judge(figure, value, ratio),
  }
}

export const runBench = async (bench: Bench, tell: (result: Result) => void): Promise<ReadonlyArray<Result>> => {
  const { figures, close } = await bench.open()
  const results: Array<Result> = []
  try {
    for (const figure of figures) {
      const result = await measure(bench.name, figure)
      results.push(result)
      tell(result)
    }
  } finally {
    await close()
  }
  return results
}
