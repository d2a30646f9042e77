// Who caused the events of a block, when and on whose command: said once a batch, not once an event.

import { CommandId } from "../../domain/Brands.ts"
import { type ByteReader, type ByteWriter, MalformedBytes } from "./Bytes.ts"
import { readTexts, writeTexts } from "./dictionary.ts"
import { readNumbers, writeNumbers } from "./numbers.ts"

/** So many events in a row that share their cause and moment. */
export interface BatchHead {
  readonly count: number
  readonly at: number
  readonly mono: number
  readonly actor: string
  readonly command: CommandId | null
}

export const writeBatchTable = (out: ByteWriter, heads: ReadonlyArray<BatchHead>): void => {
  out.varint(heads.length)
  writeNumbers(
    out,
    heads.map((head) => head.count),
  )
  writeNumbers(
    out,
    heads.map((head) => head.at),
  )
  writeNumbers(
    out,
    heads.map((head) => head.mono),
  )
  writeTexts(
    out,
    heads.map((head) => head.actor),
  )
  writeTexts(
    out,
    heads.map((head) => head.command),
  )
}

export const readBatchTable = (input: ByteReader, events: number): ReadonlyArray<BatchHead> => {
  const rows = input.varint()
  if (rows > events) throw new MalformedBytes("a block has more batches than events")
  const counts = readNumbers(input, rows)
  const at = readNumbers(input, rows)
  const mono = readNumbers(input, rows)
  const actors = readTexts(input, rows)
  const commands = readTexts(input, rows)
  return counts.map((count, row) => {
    const command = commands[row] ?? null
    return {
      count: count ?? 0,
      at: at[row] ?? 0,
      mono: mono[row] ?? 0,
      actor: actors[row] ?? "",
      command: command === null ? null : CommandId(command),
    }
  })
}
