// Rows of one series in one stretch of time, packed: quantities named once, then steps from row to row.

import { ByteReader, ByteWriter, MalformedBytes } from "../../log/block/Bytes.ts"
import { scaleOf } from "./quantities.ts"
import type { GrowingRow, Row, Summary } from "./Row.ts"

const VERSION = 1
const FLOATS = 0

interface Column {
  readonly name: string
  /** Whole numbers once multiplied by this; 0 for numbers that are kept bit by bit. */
  readonly scale: number
  last: number
}

/** Rows in order of time, each so many whole steps behind the beginning of the stretch. */
export const pack = (rows: ReadonlyArray<Row>, begin: number, step: number): Uint8Array => {
  const out = new ByteWriter(256)
  const label = rows.findLast((row) => row.label !== null)?.label ?? null
  const columns = columnsOf(rows)
  out.byte(VERSION)
  out.text(label ?? "")
  out.varint(columns.length)
  for (const { name, scale } of columns) {
    out.text(name)
    out.varint(scale)
  }
  out.varint(rows.length)
  let before = begin
  for (const row of rows) {
    out.varint(Math.round((row.at - before) / step))
    before = row.at
    out.varint(row.looks)
    for (const column of columns) writeSummary(out, row.looks, column, row.quantities[column.name])
  }
  return Uint8Array.from(out.view())
}

export const unpack = (bytes: Uint8Array, key: string, begin: number, step: number): ReadonlyArray<GrowingRow> => {
  const input = new ByteReader(bytes)
  const version = input.byte()
  if (version !== VERSION) throw new MalformedBytes(`rows of a series have version ${version}`)
  const label = input.text()
  const columns = Array.from({ length: bounded(input.varint()) }, (): Column => {
    const name = input.text()
    return { name, scale: input.varint(), last: 0 }
  })
  let at = begin
  return Array.from({ length: bounded(input.varint()) }, () => {
    at += input.varint() * step
    const looks = input.varint()
    const quantities: Record<string, Summary> = {}
    for (const column of columns) {
      const summary = readSummary(input, looks, column)
      if (summary !== null) quantities[column.name] = summary
    }
    return { key, label: label === "" ? null : label, at, looks, quantities }
  })
}

const bounded = (count: number): number => {
  if (count > 4096) throw new MalformedBytes("a series has more rows or columns than fit in its stretch")
  return count
}

const columnsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<Column> => {
  const names = new Set(rows.flatMap(({ quantities }) => Object.keys(quantities)))
  return Array.from(names, (name) => {
    const scale = scaleOf(name)
    const exact = rows.every(({ quantities }) => isExact(quantities[name], scale))
    return { name, scale: exact ? scale : FLOATS, last: 0 }
  })
}

/** Below this a difference of two keeps its sign and its last digit. */
const EXACT = 2 ** 51

const isExact = (summary: Summary | undefined, scale: number): boolean =>
  summary === undefined ||
  ([summary.min, summary.max, summary.last, summary.sum, summary.count * summary.min].every(
    (value) => Math.abs(value * scale) < EXACT,
  ) &&
    [summary.min, summary.max, summary.last, summary.sum].every((value) =>
      Object.is(Math.round(value * scale) / scale, value),
    ))

const writeSummary = (out: ByteWriter, looks: number, column: Column, summary: Summary | undefined): void => {
  // A quantity that was there at every look costs a zero; the count itself would change from row to row.
  out.varint(looks - (summary?.count ?? 0))
  if (summary === undefined) return
  const { scale } = column
  if (scale === FLOATS) {
    for (const value of [summary.min, summary.max, summary.last, summary.sum]) out.float64(value)
    return
  }
  const [min, max, last, sum] = [summary.min, summary.max, summary.last, summary.sum].map((value) =>
    Math.round(value * scale),
  ) as [number, number, number, number]
  out.zigzag(min - column.last)
  out.varint(max - min)
  out.varint(last - min)
  out.zigzag(sum - summary.count * min)
  column.last = min
}

const readSummary = (input: ByteReader, looks: number, column: Column): Summary | null => {
  const count = looks - input.varint()
  if (count <= 0) return null
  const { scale } = column
  if (scale === FLOATS) {
    const [min, max, last, sum] = [input.float64(), input.float64(), input.float64(), input.float64()]
    return { count, min, max, sum, last }
  }
  const min = column.last + input.zigzag()
  column.last = min
  const max = min + input.varint()
  const last = min + input.varint()
  const sum = count * min + input.zigzag()
  return { count, min: min / scale, max: max / scale, sum: sum / scale, last: last / scale }
}
