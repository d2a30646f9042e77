// A table made of a range of the log: its columns, and the rows that each event, or the end, adds to it.

import type { Envelope } from "../../domain/Envelope.ts"

/** "time" is a wall time in µs; "whole" fits 64 bits. */
export type ColumnType = "text" | "whole" | "number" | "flag" | "time"

export type Cell = string | number | boolean | null

export type Row = ReadonlyArray<Cell>

export interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<readonly [name: string, type: ColumnType]>
  /** One pass over the range. What a slice carries comes first, and makes no rows of events by itself. */
  readonly fill: () => Filling
}

export interface Filling {
  readonly take: (envelope: Envelope, carried: boolean) => ReadonlyArray<Row>
  /** Rows of what stands at the end. */
  readonly finish: () => ReadonlyArray<Row>
}

export const nothing: ReadonlyArray<Row> = []
