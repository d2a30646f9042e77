// Columns of numbers: one value for all, or steps from row to row, with nulls and floats where they occur.

import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import { Dictionary } from "./dictionary.ts"

/** Rows of one column; null where a row has none. */
export type Numbers = ReadonlyArray<number | null>

/** Steps are taken within a group (a reporter, a pid): its rows resemble each other more than their neighbours. */
export interface Grouping {
  readonly of: ReadonlyArray<number>
  readonly count: number
}

/** Steps go from look to look of one process where there are several looks, else from process to process. */
export const groupingOf = (pids: ReadonlyArray<number>): Grouping | undefined => {
  const dictionary = new Dictionary<number>()
  const of = pids.map((pid) => dictionary.indexOf(pid))
  const count = dictionary.values.length
  return of.length >= 2 * count ? { of, count } : undefined
}

const Shape = { allNull: 0, constant: 1, steps: 2, floats: 3, someNull: 4, hundredths: 5 } as const

/** Scales that counters of kernels come in; a step costs less when the common factor is taken out. */
const scales: ReadonlyArray<number> = [4096, 1024, 1]

/** A step between two numbers up to this stays exact with its sign folded in. */
const EXACT = 2 ** 51

export const writeNumbers = (out: ByteWriter, values: Numbers, grouping?: Grouping): void => {
  const nulls = countNulls(values)
  if (nulls === values.length) return out.byte(Shape.allNull)
  if (nulls === 0) return writePresent(out, values as ReadonlyArray<number>, grouping)
  out.byte(Shape.someNull)
  const bits = new Uint8Array(Math.ceil(values.length / 8))
  const present: Array<number> = []
  const groups: Array<number> = []
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (value === null || value === undefined) continue
    bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
    present.push(value)
    if (grouping !== undefined) groups.push(grouping.of[row] ?? 0)
  }
  out.raw(bits)
  writePresent(out, present, grouping === undefined ? undefined : { of: groups, count: grouping.count })
}

export const readNumbers = (input: ByteReader, rows: number, grouping?: Grouping): Array<number | null> => {
  const shape = input.byte()
  if (shape === Shape.allNull) return new Array<null>(rows).fill(null)
  if (shape !== Shape.someNull) return readPresent(input, shape, rows, grouping)
  const bits = input.raw(Math.ceil(rows / 8))
  const at: Array<number> = []
  for (let row = 0; row < rows; row++) if (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) at.push(row)
  const groups =
    grouping === undefined ? undefined : { of: at.map((row) => grouping.of[row] ?? 0), count: grouping.count }
  const present = readPresent(input, input.byte(), at.length, groups)
  const values = new Array<number | null>(rows).fill(null)
  for (let index = 0; index < at.length; index++) values[at[index] ?? 0] = present[index] ?? null
  return values
}

const countNulls = (values: Numbers): number => {
  let nulls = 0
  for (const value of values) if (value === null) nulls += 1
  return nulls
}

const writePresent = (out: ByteWriter, values: ReadonlyArray<number>, grouping: Grouping | undefined): void => {
  const scale = scaleOf(values)
  if (scale === 0) return writeFractions(out, values)
  if (values.every((value) => value === values[0])) {
    out.byte(Shape.constant)
    return out.zigzag(values[0] ?? 0)
  }
  out.byte(Shape.steps)
  out.byte(scales.indexOf(scale))
  if (grouping === undefined) {
    let last = 0
    for (const value of values) {
      out.zigzag((value - last) / scale)
      last = value
    }
    return
  }
  const last = new Float64Array(grouping.count)
  for (let row = 0; row < values.length; row++) {
    const group = grouping.of[row] ?? 0
    const value = values[row] ?? 0
    out.zigzag((value - (last[group] ?? 0)) / scale)
    last[group] = value
  }
}

/** Load averages and the like have two decimals; any other fraction is kept bit by bit. */
const writeFractions = (out: ByteWriter, values: ReadonlyArray<number>): void => {
  for (const value of values)
    if (typeof value !== "number") throw new TypeError("a column of numbers has something else")
  const hundredths = values.map((value) => Math.round(value * 100))
  const exact = scaleOf(hundredths) !== 0 && values.every((value, row) => (hundredths[row] ?? 0) / 100 === value)
  if (exact) {
    out.byte(Shape.hundredths)
    return writePresent(out, hundredths, undefined)
  }
  out.byte(Shape.floats)
  for (const value of values) out.float64(value)
}

/** The largest common scale of whole numbers; 0 when floats must be kept as they are. */
const scaleOf = (values: ReadonlyArray<number>): number => {
  let index = 0
  for (const value of values) {
    if (!Number.isInteger(value) || value > EXACT || value < -EXACT || Object.is(value, -0)) return 0
    while (value % (scales[index] ?? 1) !== 0) index += 1
  }
  return scales[index] ?? 1
}

const readPresent = (input: ByteReader, shape: number, rows: number, grouping: Grouping | undefined): Array<number> => {
  if (shape === Shape.constant) return new Array<number>(rows).fill(input.zigzag())
  if (shape === Shape.hundredths) {
    return readPresent(input, input.byte(), rows, undefined).map((value) => value / 100)
  }
  const values = new Array<number>(rows)
  if (shape === Shape.floats) {
    for (let row = 0; row < rows; row++) values[row] = input.float64()
    return values
  }
  if (shape !== Shape.steps) throw new MalformedBytes(`a column has the unknown shape ${shape}`)
  const scale = scales[input.byte()]
  if (scale === undefined) throw new MalformedBytes("a column has an unknown scale")
  if (grouping === undefined) {
    let last = 0
    for (let row = 0; row < rows; row++) {
      last += input.zigzag() * scale
      values[row] = last
    }
    return values
  }
  const last = new Float64Array(grouping.count)
  for (let row = 0; row < rows; row++) {
    const group = grouping.of[row] ?? 0
    const value = (last[group] ?? 0) + input.zigzag() * scale
    last[group] = value
    values[row] = value
  }
  return values
}
