// Columns of values that repeat: each distinct value once, then its index a row.

import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"

const Shape = { constant: 0, indices: 1 } as const

/** Gives each distinct value the next number, in order of first sight. */
export class Dictionary<K> {
  readonly #numbers = new Map<K, number>()
  readonly values: Array<K> = []

  indexOf(value: K): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    const index = this.values.length
    this.#numbers.set(value, index)
    this.values.push(value)
    return index
  }
}

export const writeIndices = (out: ByteWriter, indices: ReadonlyArray<number>): void => {
  const first = indices[0] ?? 0
  if (indices.every((index) => index === first)) {
    out.byte(Shape.constant)
    return out.varint(first)
  }
  out.byte(Shape.indices)
  for (const index of indices) out.varint(index)
}

export const readIndices = (input: ByteReader, rows: number, distinct: number): Array<number> => {
  const shape = input.byte()
  if (shape === Shape.constant) return new Array<number>(rows).fill(bounded(input.varint(), distinct))
  if (shape !== Shape.indices) throw new MalformedBytes(`a dictionary column has the unknown shape ${shape}`)
  const indices = new Array<number>(rows)
  for (let row = 0; row < rows; row++) indices[row] = bounded(input.varint(), distinct)
  return indices
}

/** A column of texts. Index 0 is always null, so that the list of values holds texts only. */
export const writeTexts = (out: ByteWriter, texts: ReadonlyArray<string | null>): void => {
  const dictionary = new Dictionary<string>()
  const indices = texts.map((text) => (text === null ? 0 : dictionary.indexOf(text) + 1))
  out.varint(dictionary.values.length)
  for (const value of dictionary.values) {
    if (typeof value !== "string") throw new TypeError("a column of texts has something else")
    out.text(value)
  }
  writeIndices(out, indices)
}

export const readTexts = (input: ByteReader, rows: number): Array<string | null> => {
  const distinct = input.varint()
  if (distinct > input.left) throw new MalformedBytes("a dictionary is longer than its block")
  const values: Array<string | null> = [null]
  for (let index = 0; index < distinct; index++) values.push(input.text())
  const indices = readIndices(input, rows, values.length)
  const texts = new Array<string | null>(rows)
  for (let row = 0; row < rows; row++) texts[row] = values[indices[row] ?? 0] ?? null
  return texts
}

const bounded = (index: number, distinct: number): number => {
  if (index >= distinct) throw new MalformedBytes("a dictionary has no such index")
  return index
}
