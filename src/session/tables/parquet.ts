// A table as a Parquet file: groups of rows as they come, the footer last, so that no more than one group is held.

import { Effect, Stream } from "effect"
import type { Format } from "../Format.ts"
import type { Cell, ColumnType, Row, Table } from "./Table.ts"
import { tableRows } from "./tableRows.ts"

/** Large enough to pack well, small enough to hold. */
const groupRows = 20_000

export const parquetOf =
  (table: Table): Format["write"] =>
  (recording) =>
    Stream.unwrap(
      Effect.map(
        Effect.promise(() => import("hyparquet-writer")),
        ({ ByteWriter, ParquetWriter }) => {
          const bytes = new ByteWriter()
          const file = new ParquetWriter({
            writer: bytes,
            schema: schemaOf(table),
            createdBy: "annalist",
            statistics: false,
          })
          let held = table.columns.map((): Array<unknown> => [])
          /** Offsets in the file go on; the bytes are handed over. */
          const taken = (): Uint8Array => {
            const piece = bytes.getBytes().slice()
            bytes.index = 0
            return piece
          }
          const flush = (): Uint8Array => {
            const columnData = table.columns.map(([name], column) => ({ name, data: held[column] ?? [] }))
            if ((held[0]?.length ?? 0) > 0) void file.write({ columnData, rowGroupSize: groupRows })
            held = table.columns.map(() => [])
            return taken()
          }
          const keep = (rows: ReadonlyArray<Row>): Uint8Array => {
            for (const row of rows) {
              for (let column = 0; column < held.length; column++) {
                held[column]?.push(valueOf(row[column] ?? null, table.columns[column]?.[1]))
              }
            }
            return (held[0]?.length ?? 0) >= groupRows ? flush() : none
          }
          return tableRows(table, recording).pipe(
            Stream.map(keep),
            Stream.concat(
              Stream.sync(() => {
                const rest = flush()
                void file.finish()
                return Buffer.concat([rest, taken()])
              }),
            ),
            Stream.filter((piece) => piece.length > 0),
          )
        },
      ),
    )

const none = new Uint8Array(0)

const valueOf = (cell: Cell, type: ColumnType | undefined): unknown =>
  typeof cell === "number" && (type === "whole" || type === "time") ? BigInt(Math.trunc(cell)) : cell

const elements = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  whole: { type: "INT64" },
  number: { type: "DOUBLE" },
  flag: { type: "BOOLEAN" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MICROS" },
} as const

const schemaOf = ({ columns }: Table) => [
  { name: "root", num_children: columns.length },
  ...columns.map(([name, type]) => ({ name, repetition_type: "OPTIONAL" as const, ...elements[type] })),
]
