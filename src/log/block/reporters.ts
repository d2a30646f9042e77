// The reporters of a block's collectives: few, and named by number in every row.

import type { Reporter } from "../../domain/events/CollectiveEvents.ts"
import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import { readTexts, writeTexts } from "./dictionary.ts"
import { readNumbers, writeNumbers } from "./numbers.ts"

type Uncovered = Exclude<keyof Reporter, "key" | "runId" | "host" | "pid">
const FIELDS: [Uncovered] extends [never] ? 4 : never = 4

/** Distinct reporters in order of first sight; found by key first, because texts need not be joined for that. */
export class ReporterList {
  readonly values: Array<Reporter> = []
  readonly #byKey = new Map<string, Array<number>>()
  #last: Reporter | null = null
  #lastIndex = 0

  indexOf(reporter: Reporter): number {
    if (reporter === this.#last) return this.#lastIndex
    const known = this.#byKey.get(reporter.key)
    let index = known?.find((candidate) => same(this.values[candidate] as Reporter, reporter))
    if (index === undefined) {
      if (Object.keys(reporter).length !== FIELDS) throw new TypeError("a reporter has fields without a column")
      index = this.values.length
      this.values.push(reporter)
      if (known === undefined) this.#byKey.set(reporter.key, [index])
      else known.push(index)
    }
    this.#last = reporter
    this.#lastIndex = index
    return index
  }
}

const same = (one: Reporter, other: Reporter): boolean =>
  one.key === other.key && one.runId === other.runId && one.host === other.host && Object.is(one.pid, other.pid)

export const writeReporters = (out: ByteWriter, reporters: ReadonlyArray<Reporter>): void => {
  out.varint(reporters.length)
  writeTexts(
    out,
    reporters.map(({ key }) => key),
  )
  writeTexts(
    out,
    reporters.map(({ runId }) => runId),
  )
  writeTexts(
    out,
    reporters.map(({ host }) => host),
  )
  writeNumbers(
    out,
    reporters.map(({ pid }) => pid),
  )
}

export const readReporters = (input: ByteReader): ReadonlyArray<Reporter> => {
  const rows = input.varint()
  if (rows > input.left) throw new MalformedBytes("there are more reporters than bytes")
  const key = readTexts(input, rows)
  const runId = readTexts(input, rows)
  const host = readTexts(input, rows)
  const pid = readNumbers(input, rows)
  return key.map((text, row) => ({
    key: text ?? "",
    runId: runId[row] ?? null,
    host: host[row] ?? null,
    pid: pid[row] ?? null,
  }))
}
