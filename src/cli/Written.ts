// What a session's bytes were, seen as they passed: the facts of its first and last line, and whether it was whole.

import { endOf, parseHeader, parseObject } from "../session/SessionHeader.ts"
import { Either } from "effect"

export interface Facts {
  readonly from: number
  readonly to: number
  readonly events: number
  /** Of the text, before any packing. */
  readonly bytes: number
}

export interface Written {
  readonly see: (chunk: Uint8Array) => void
  readonly whole: () => boolean
  readonly facts: () => Facts
}

/** Enough for a header with every type name in it, and for an end line. */
const edgeBytes = 16 * 1024

export const make = (): Written => {
  let first = Buffer.alloc(0)
  let last = Buffer.alloc(0)
  let bytes = 0
  const end = () => {
    const line = last.toString().trimEnd().split("\n").at(-1) ?? ""
    const json = parseObject(line)
    return json === null ? null : endOf(json)
  }
  return {
    see: (chunk) => {
      if (first.length < edgeBytes) first = Buffer.concat([first, chunk.subarray(0, edgeBytes)])
      last = Buffer.concat([last, chunk.subarray(-edgeBytes)]).subarray(-edgeBytes)
      bytes += chunk.length
    },
    whole: () => end() !== null,
    facts: () => {
      const header = parseHeader(first.toString().split("\n")[0] ?? "")
      const { from, to } = Either.getOrElse(header, () => ({ from: 0, to: 0 }))
      return { from, to, events: end()?.count ?? 0, bytes }
    },
  }
}
