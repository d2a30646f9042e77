// The quick judge of a session file: when its digest is right, its bytes are what the writer wrote, and no line needs to be read for
// more than its position and time. Whatever is not plain (a torn file, a wrong digest, lines written otherwise) it leaves to SessionScan.

import { createHash } from "node:crypto"
import { Either } from "effect"
import { isoMicros } from "../domain/Moment.ts"
import { maxLineBytes } from "./Lines.ts"
import type { ScanReport } from "./ScanReport.ts"
import { checkSeal } from "./seal.ts"
import { endOf, parseHeader, parseObject, type SessionEnd, type SessionHeader } from "./SessionHeader.ts"
import type { SessionIndex } from "./SessionIndex.ts"

export interface QuickScan {
  /** False once it is clear that this file is not plain. */
  readonly push: (chunk: Uint8Array) => boolean
  /** Null: the file has to be judged line by line. */
  readonly finish: () => ScanReport | null
}

const newline = 0x0a
const zero = 48
const quote = 34
const positionText = Buffer.from('{"position":')
const atText = Buffer.from(',"at":"')
const carriedText = Buffer.from(',"carried":true')
/** Of `2026-01-31T03:00:00.000000Z`. */
const timeBytes = 27

export const make = (index: SessionIndex): QuickScan => {
  const hash = createHash("sha256")
  const clock = secondsClock()
  let header: SessionHeader | null = null
  let end: SessionEnd | null = null
  let rest = Buffer.alloc(0)
  let offset = 0
  let last = 0
  let count = 0
  let carried = 0
  let plain = true

  const first = (line: Buffer): boolean => {
    const parsed = checkSeal(line) === "broken" ? null : parseHeader(line.toString())
    header = parsed !== null && Either.isRight(parsed) ? parsed.right : null
    return header !== null
  }
  const event = (bytes: Buffer, start: number, stop: number, { from, to }: SessionHeader): boolean => {
    if (stop - start > maxLineBytes || !begins(bytes, start, positionText)) return false
    let at = start + positionText.length
    let position = 0
    for (; isDigit(bytes[at]); at++) position = position * 10 + ((bytes[at] ?? 0) - zero)
    if (position <= last || position > to || position > Number.MAX_SAFE_INTEGER || !begins(bytes, at, atText))
      return false
    const micros = clock(bytes, at + atText.length)
    if (micros === null) return false
    const isCarried = position < from
    if (isCarried && bytes.subarray(start, stop).lastIndexOf(carriedText) < 0) return false
    index.add(position, micros, isCarried, offset + start)
    last = position
    count++
    if (isCarried) carried++
    return true
  }
  /** How far the whole lines of these bytes reach that belong to the digest; null when they are not plain. */
  const lines = (bytes: Buffer): number | null => {
    let start = 0
    for (let stop = bytes.indexOf(newline); stop >= 0; stop = bytes.indexOf(newline, start)) {
      // `{"end"` and `{"position"` differ in their third character.
      if (header === null) {
        if (!first(bytes.subarray(0, stop))) return null
      } else if (bytes[start + 2] === 0x65) {
        end = endIn(bytes.subarray(start, stop))
        return end !== null && stop + 1 === bytes.length ? start : null
      } else if (!event(bytes, start, stop, header)) return null
      start = stop + 1
    }
    return start
  }

  return {
    push: (chunk) => {
      const bytes =
        rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk])
      const whole = plain && end === null && bytes.length <= maxLineBytes + chunk.length ? lines(bytes) : null
      plain = whole !== null
      if (whole === null) return false
      hash.update(bytes.subarray(0, whole))
      offset += whole
      rest = end === null ? Buffer.from(bytes.subarray(whole)) : Buffer.alloc(0)
      return true
    },
    finish: () => {
      if (!plain || header === null || end === null) return null
      const absent = Math.max(0, header.to - header.from + 1) - (count - carried)
      const asPromised = count === end.count && absent === end.absent && `sha256:${hash.digest("hex")}` === end.digest
      if (!asPromised) return null
      return { header, end, count, last, endOffset: offset, cut: null, damage: [], damageCount: 0 }
    },
  }
}

const endIn = (line: Buffer): SessionEnd | null => {
  const json = checkSeal(line) === "broken" ? null : parseObject(line.toString())
  return json === null ? null : endOf(json)
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= zero && byte < zero + 10

const begins = (bytes: Buffer, at: number, literal: Buffer): boolean => {
  for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return false
  return true
}

/** Events come many a second: only the fraction of a time is read anew. */
const secondsClock = () => {
  const second = Buffer.alloc(20)
  let micros = 0
  return (bytes: Buffer, at: number): number | null => {
    if (bytes[at + timeBytes] !== quote) return null
    if (!begins(bytes, at, second)) {
      const whole = isoMicros(`${bytes.toString("latin1", at, at + 20)}000000Z`)
      if (whole === null) return null
      bytes.copy(second, 0, at, at + 20)
      micros = whole
    }
    let fraction = 0
    for (let index = at + 20; index < at + 26; index++) {
      if (!isDigit(bytes[index])) return null
      fraction = fraction * 10 + ((bytes[index] ?? 0) - zero)
    }
    return micros + fraction
  }
}
