// A table as comma-separated values (RFC 4180): a line of names, then a row a line; nothing between two commas is null.

import { Stream } from "effect"
import { isoTime } from "../../domain/Moment.ts"
import type { Format } from "../Format.ts"
import type { Cell, ColumnType, Table } from "./Table.ts"
import { tableRows } from "./tableRows.ts"

export const csvOf = (table: Table): Format["write"] => {
  const types = table.columns.map(([, type]) => type)
  const names = `${table.columns.map(([name]) => name).join(",")}\r\n`
  return (recording) =>
    Stream.succeed(Buffer.from(names)).pipe(
      Stream.concat(
        tableRows(table, recording).pipe(
          Stream.map((rows) => {
            let text = ""
            for (const row of rows) text += `${row.map((cell, column) => cellText(cell, types[column])).join(",")}\r\n`
            return Buffer.from(text)
          }),
          Stream.filter((bytes) => bytes.length > 0),
        ),
      ),
    )
}

const cellText = (cell: Cell, type: ColumnType | undefined): string => {
  if (cell === null) return ""
  if (typeof cell === "number") return type === "time" ? isoTime(cell) : String(cell)
  const text = String(cell)
  // An empty text is quoted, so that it is told from null.
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
