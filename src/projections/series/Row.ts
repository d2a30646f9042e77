// One row of a series: what its quantities were at one look, or over a minute or an hour.

import { scaleOf } from "./quantities.ts"

/** Of one quantity. Of a single look all but the count are the same number. */
export interface Summary {
  count: number
  min: number
  max: number
  sum: number
  last: number
}

export interface Row {
  /** Its series. */
  readonly key: string
  /** What people call it: the process's name, for one. */
  readonly label: string | null
  /** Wall time at which it begins, µs. */
  readonly at: number
  /** Looks or operations that went into it. */
  readonly looks: number
  /** By name; a quantity that no look had is not there. */
  readonly quantities: Readonly<Record<string, Summary>>
}

/** A row that more looks go into. */
export interface GrowingRow {
  readonly key: string
  label: string | null
  readonly at: number
  looks: number
  readonly quantities: Record<string, Summary>
}

export const empty = (key: string, at: number): GrowingRow => ({ key, label: null, at, looks: 0, quantities: {} })

export const add = (row: GrowingRow, names: ReadonlyArray<string>, values: ReadonlyArray<number | null>): void => {
  row.looks += 1
  for (let index = 0; index < names.length; index++) {
    const value = values[index]
    const name = names[index]
    if (name === undefined || value === null || value === undefined || !Number.isFinite(value)) continue
    const known = row.quantities[name]
    if (known === undefined) row.quantities[name] = { count: 1, min: value, max: value, sum: value, last: value }
    else {
      known.count += 1
      known.sum = settled(name, known.sum + value)
      known.last = value
      if (value < known.min) known.min = value
      if (value > known.max) known.max = value
    }
  }
}

/** `later` came after what the row holds: its last values are the last ones now. */
export const merge = (row: GrowingRow, later: Row): void => {
  row.looks += later.looks
  row.label = later.label ?? row.label
  for (const [name, summary] of Object.entries(later.quantities)) {
    const known = row.quantities[name]
    row.quantities[name] =
      known === undefined
        ? { ...summary }
        : {
            count: known.count + summary.count,
            min: Math.min(known.min, summary.min),
            max: Math.max(known.max, summary.max),
            sum: settled(name, known.sum + summary.sum),
            last: summary.last,
          }
  }
}

/** All rows as one: the statistics of a window. Rows come in order of time. */
export const total = (rows: ReadonlyArray<Row>): Row => {
  const all = empty(rows[0]?.key ?? "", rows[0]?.at ?? 0)
  for (const row of rows) merge(all, row)
  return all
}

export const mean = ({ sum, count }: Summary): number => sum / count

/** A sum of hundredths is one: what was added in which order does not show. */
const settled = (name: string, sum: number): number => {
  const scale = scaleOf(name)
  return scale > 1 ? Math.round(sum * scale) / scale : sum
}
