// What an export's bytes were, seen as they passed: how far they are, what they hold, and whether they were whole.

import { Either } from "effect"
import { endOf, parseHeader, parseObject } from "../session/SessionHeader.ts"
import { counted, size } from "./text.ts"

export interface Written {
  readonly see: (chunk: Uint8Array) => void
  readonly whole: () => boolean
  /** How far it is: events of the range, and the range; zeros while nobody can tell. */
  readonly progress: () => { readonly done: number; readonly all: number }
  /** For programs, and the same for people. */
  readonly summary: () => { readonly facts: Readonly<Record<string, number>>; readonly shown: string }
}

/** Formats of which only the bytes are known: that all came is the transport's word. */
export const ofBytes = (): Written => {
  let bytes = 0
  return {
    see: (chunk) => {
      bytes += chunk.length
    },
    whole: () => true,
    progress: () => ({ done: 0, all: 0 }),
    summary: () => ({ facts: { bytes }, shown: size(bytes) }),
  }
}

/** Enough for a header with every type name in it, and for an end line. */
const edgeBytes = 16 * 1024

/** A session file: its first and its last line tell. */
export const ofSession = (): Written => {
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
    summary: () => {
      const { from, to } = range()
      const events = end()?.count ?? 0
      return {
        facts: { from, to, events, bytes },
        shown: `${counted(events, "event")}, positions ${from} to ${to}, ${size(bytes)} of text`,
      }
    },
  }
}
