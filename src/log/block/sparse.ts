// A column of free-form values that few rows have: their rows, then the values as one record.

import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import { pack, unpack } from "./packer.ts"

export const writeSparse = (out: ByteWriter, values: ReadonlyArray<unknown>): void => {
  const rows: Array<number> = []
  for (let row = 0; row < values.length; row++) if (values[row] !== null) rows.push(row)
  out.varint(rows.length)
  if (rows.length === 0) return
  for (const row of rows) out.varint(row)
  out.sized(pack(rows.map((row) => values[row])))
}

/** Null when no row has a value. */
export const readSparse = (input: ByteReader, rows: number): ReadonlyArray<unknown> | null => {
  const count = input.varint()
  if (count === 0) return null
  if (count > rows) throw new MalformedBytes("a column has more values than rows")
  const at = Array.from({ length: count }, () => input.varint())
  const values = unpack(input.sized())
  if (!Array.isArray(values) || values.length !== count) throw new MalformedBytes("a column lacks values")
  const column = new Array<unknown>(rows).fill(null)
  at.forEach((row, index) => {
    column[row] = values[index]
  })
  return column
}
