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
  /** How far it is: events of the range, and the range; zeros while nobody can tell. */
  readonly progress: () => { readonly done: number; readonly all: number }
  readonly facts: () => Facts
}

/** Enough for a header with every type name in it, and for an end line. */
const edgeBytes = 16 * 1024

export const make = (): Written => {
  let first = Buffer.alloc(0)
  let last = Buffer.alloc(0)
  let bytes = 0
  const range = () => {
    const header = parseHeader(first.toString().split("\n")[0] ?? "")
    return Either.getOrElse(header, () => ({ from: 0, to: 0 }))
  }
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
    progress: () => {
      const { from, to } = range()
      const position = Number(
        last
          .toString("latin1")
          .match(/\{"position":(\d+)/g)
          ?.at(-1)
          ?.slice(12) ?? from,
      )
      return { done: Math.max(0, position - from), all: to - from }
    },
    facts: () => {
      const { from, to } = range()
      return { from, to, events: end()?.count ?? 0, bytes }
    },
  }
}
