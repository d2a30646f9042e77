// The judge of a session file's lines, one after the other: what is good is handed on, what is wrong is named.

import { isUtf8 } from "node:buffer"
import { createHash, type Hash } from "node:crypto"
import { Either } from "effect"
import type { Envelope } from "../domain/Envelope.ts"
import { fromJson } from "../wire/sessionLine.ts"
import * as DamageList from "./Damage.ts"
import { compareWithEnd, cutReason, type NoSession, type ScanReport, withoutHeader, withoutLine } from "./ScanReport.ts"
import { checkSeal } from "./seal.ts"
import { endOf, parseHeader, parseObject, type SessionEnd, type SessionHeader } from "./SessionHeader.ts"

/** Each good event with where its line begins and how long it is, without the newline. */
export type Visit = (envelope: Envelope, carried: boolean, offset: number, length: number) => void

export interface Scan {
  readonly visit: Visit
  readonly damage: DamageList.DamageList
  readonly hash: Hash
  readonly gaps: Array<readonly [from: number, to: number]>
  header: SessionHeader | null
  /** Set once the first line turned out to be no header: nothing after it is looked at. */
  noSession: NoSession | null
  end: SessionEnd | null
  digest: string
  lineNumber: number
  count: number
  absent: number
  last: number
  lastLine: number
  endOffset: number
  everySealed: boolean
}

const maxGaps = 1000

export const make = (visit: Visit): Scan => ({
  visit,
  damage: DamageList.make(),
  hash: createHash("sha256"),
  gaps: [],
  header: null,
  noSession: null,
  end: null,
  digest: "",
  lineNumber: 0,
  count: 0,
  absent: 0,
  last: 0,
  lastLine: 1,
  endOffset: 0,
  everySealed: true,
})

export const line = (scan: Scan, bytes: Buffer, offset: number): void => {
  scan.lineNumber++
  if (scan.noSession !== null) return
  if (scan.end !== null) {
    scan.damage.badLine(scan.lineNumber, "stands after the end line")
    return
  }
  if (scan.header === null) firstLine(scan, bytes)
  else {
    const wrong = judge(scan, scan.header, bytes, offset)
    if (wrong !== null) scan.damage.badLine(scan.lineNumber, wrong)
  }
  // judge() may have met the end line, which the digest does not cover.
  if ((scan.end as SessionEnd | null) !== null) scan.digest = `sha256:${scan.hash.digest("hex")}`
  else scan.hash.update(bytes).update("\n")
}

/** A line that is longer than any that is read; its bytes are not here. */
export const tooLong = (scan: Scan): void => {
  scan.lineNumber++
  const reason = "is longer than 2 MiB"
  if (scan.header !== null) scan.damage.badLine(scan.lineNumber, reason)
  else scan.noSession ??= { cause: "foreign", reason: `is no Annalist session: its first line ${reason}` }
}

/** The stream itself broke here (a damaged gzip): all that should still come is lost. */
export const broken = (scan: Scan, reason: string): void => scan.damage.badLine(scan.lineNumber + 1, reason)

/** `rest` is what came after the last newline. */
export const finish = (
  scan: Scan,
  rest: { readonly bytes: Buffer | null; readonly offset: number },
): Either.Either<ScanReport, NoSession> => {
  // An end line that lost only its newline still says that all is there.
  if (scan.header !== null && scan.end === null && rest.bytes !== null) {
    const json = parseObject(rest.bytes.toString())
    if (json !== null && endOf(json) !== null) line(scan, rest.bytes, rest.offset)
  }
  const { header, end, last, lastLine, damage } = scan
  if (scan.noSession !== null) return Either.left(scan.noSession)
  if (header === null) return Either.left(withoutLine(rest.bytes))
  const previous = Math.max(last, header.from - 1)
  if (!damage.settle(previous, header.to + 1)) noteGap(scan, previous + 1, header.to)
  if (end !== null) compareWithEnd(header, end, scan, damage)
  const torn = rest.bytes === null || rest.bytes.length > 0
  return Either.right({
    header,
    end,
    count: scan.count,
    last,
    endOffset: scan.endOffset,
    cut: end === null ? cutReason(header, last, lastLine, torn) : null,
    damage: damage.found,
    damageCount: damage.count(),
  })
}

const firstLine = (scan: Scan, bytes: Buffer): void => {
  const text = bytes.toString()
  const sealed = checkSeal(bytes)
  const parsed = parseHeader(text)
  scan.everySealed = sealed === "whole"
  scan.endOffset = bytes.length + 1
  if (sealed === "broken") {
    scan.noSession = { cause: "damaged", reason: "has a damaged header: line 1 does not match its checksum" }
  } else if (Either.isLeft(parsed)) scan.noSession = withoutHeader(text, parsed.left)
  else scan.header = parsed.right
}

/** null when the line is good, or what is wrong with it. */
const judge = (scan: Scan, header: SessionHeader, bytes: Buffer, offset: number): string | null => {
  const sealed = checkSeal(bytes)
  if (sealed === "broken") return "does not match its checksum: a byte of it was changed"
  if (sealed === "none") {
    scan.everySealed = false
    if (!isUtf8(bytes)) return "is not UTF-8"
  }
  const json = parseObject(bytes.toString())
  if (json === null) return "is not a JSON object"
  if (sealed === "none" && "crc" in json)
    return "has a checksum that does not stand at its end: a byte of it was changed"
  scan.end = endOf(json)
  if (scan.end !== null) return null
  const parsed = fromJson(json)
  if (Either.isLeft(parsed)) return `is no event: ${parsed.left}`
  const carried = json["carried"] === true
  const misplaced = misplacement(scan, header, parsed.right, carried)
  if (misplaced === null) take(scan, header, parsed.right, carried, offset, bytes.length)
  return misplaced
}

const misplacement = (scan: Scan, header: SessionHeader, { position }: Envelope, carried: boolean): string | null => {
  if (position <= scan.last) return `has position ${position} after position ${scan.last}`
  if (carried) return position < header.from ? null : `is carried, and yet not from before position ${header.from}`
  return position >= header.from && position <= header.to
    ? null
    : `has position ${position}, outside of the session's ${header.from} to ${header.to}`
}

const take = (
  scan: Scan,
  header: SessionHeader,
  envelope: Envelope,
  carried: boolean,
  offset: number,
  length: number,
): void => {
  const { position } = envelope
  if (!carried) {
    const previous = Math.max(scan.last, header.from - 1)
    if (!scan.damage.settle(previous, position)) noteGap(scan, previous + 1, position - 1)
  }
  scan.last = position
  scan.lastLine = scan.lineNumber
  scan.count++
  scan.endOffset = offset + length + 1
  scan.visit(envelope, carried, offset, length)
}

const noteGap = (scan: Scan, from: number, to: number): void => {
  if (from > to) return
  scan.absent += to - from + 1
  if (scan.gaps.length < maxGaps) scan.gaps.push([from, to])
}
