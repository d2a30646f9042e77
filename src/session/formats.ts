// The table of formats that a range of the log is written in.

import type { Format } from "./Format.ts"
import { perfetto } from "./perfetto/writePerfetto.ts"
import { csvOf } from "./tables/csv.ts"
import { parquetOf } from "./tables/parquet.ts"
import type { Table } from "./tables/Table.ts"
import { tableNamed, tables } from "./tables/tables.ts"
import { writeSession } from "./writeSession.ts"

export const ndjson: Format = {
  name: "ndjson",
  contentType: "application/x-ndjson",
  extension: ".ndjson",
  summary: "a session file, which open, replay, explain and verify take",
  write: writeSession,
}

/** Formats of tables: each table is a file of its own. */
const tabular: ReadonlyArray<Omit<Format, "write" | "table"> & { readonly of: (table: Table) => Format["write"] }> = [
  {
    name: "parquet",
    contentType: "application/vnd.apache.parquet",
    extension: ".parquet",
    summary: "a typed table for data frames and SQL",
    of: parquetOf,
  },
  {
    name: "csv",
    contentType: "text/csv; charset=utf-8; header=present",
    extension: ".csv",
    summary: "the same as text",
    of: csvOf,
  },
]

const others: ReadonlyArray<Format> = [ndjson, perfetto]

/** What `--format` and `?format=` take. */
export const formats: ReadonlyArray<Pick<Format, "name" | "summary">> = [...others, ...tabular]

export const isTabular = (name: string): boolean => tabular.some((format) => format.name === name)

/** A string is what was wrong with the names. The table is that of a tabular format, and null is its events. */
export const formatNamed = (name: string, tableName: string | null): Format | string => {
  const other = others.find((format) => format.name === name)
  const byTable = tabular.find((format) => format.name === name)
  if (other !== undefined) {
    return tableName === null ? other : `format ${name} has no tables; ${listed(tabular)} have`
  }
  if (byTable === undefined) return `format is ${JSON.stringify(name.slice(0, 40))}; it takes ${listed(formats)}`
  const table = tableNamed(tableName ?? "events")
  return table === undefined
    ? `table is ${JSON.stringify(tableName?.slice(0, 40))}; it takes ${listed(tables)}`
    : { ...byTable, table, extension: `.${table.name}${byTable.extension}`, write: byTable.of(table) }
}

/** "ndjson, perfetto or csv" */
const listed = (all: ReadonlyArray<{ readonly name: string }>): string =>
  all
    .map(({ name }) => name)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ")
