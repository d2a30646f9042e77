// What is known of a session file once it was read through: how far it goes, how it ends, and what is wrong with it.

import type { Damage, DamageList } from "./Damage.ts"
import { span } from "./Damage.ts"
import { parseObject, type SessionEnd, type SessionHeader } from "./SessionHeader.ts"

export interface ScanReport {
  readonly header: SessionHeader
  readonly end: SessionEnd | null
  /** Event lines that are good, the carried ones included. */
  readonly count: number
  /** The last position for which there is a good line; 0 without any. */
  readonly last: number
  /** Where the last good event line ends, in bytes of the uncompressed text. */
  readonly endOffset: number
  /** Why the file ends before its end line; null when it has one. Follows the file's name. */
  readonly cut: string | null
  readonly damage: ReadonlyArray<Damage>
  readonly damageCount: number
}

/** The first line was no header that this build reads. */
export interface NoSession {
  readonly cause: "newer" | "foreign" | "damaged"
  /** The rest of a sentence that begins with the file's name. */
  readonly reason: string
}

/** What was counted on the way, held against what the end line promises. */
export interface Tally {
  readonly count: number
  readonly absent: number
  readonly gaps: ReadonlyArray<readonly [from: number, to: number]>
  readonly digest: string
  /** Every line had a checksum of its own. */
  readonly everySealed: boolean
}

/** Only a file without a bad line is held against its end line: a bad line explains every difference. */
export const compareWithEnd = (header: SessionHeader, end: SessionEnd, tally: Tally, damage: DamageList): void => {
  if (damage.count() > 0) return
  if (tally.absent !== end.absent && end.absent === 0) for (const [from, to] of tally.gaps) damage.missing(from, to)
  else if (tally.absent !== end.absent) {
    const reason = `${tally.absent} positions have no line, the end line counts ${end.absent}`
    damage.whole({ from: header.from, to: header.to, reason })
  }
  if (damage.count() > 0) return
  if (tally.count !== end.count) {
    damage.whole({
      from: null,
      to: null,
      reason: `the end line counts ${end.count} events, the file has ${tally.count}`,
    })
  } else if (tally.digest !== end.digest) {
    const reason = tally.everySealed
      ? "every line matches its own checksum, and all of them together do not match the digest: lines were replaced"
      : "the digest does not match: a byte was changed, and not every line has a checksum of its own to tell which"
    damage.whole({ from: header.from, to: header.to, reason })
  }
}

export const cutReason = (header: SessionHeader, last: number, lastLine: number, torn: boolean): string => {
  const from = Math.max(last, header.from - 1) + 1
  const what = torn ? `is torn after line ${lastLine}` : `ends with line ${lastLine}, before its end line`
  return from > header.to
    ? `${what}; no event is missing`
    : `${what}: it holds positions up to ${from - 1}; ${span(from, header.to)} missing`
}

const noHeader = `is no Annalist session: its first line is not a header ({"annalist":1,…})`

/** The file has not one whole line. */
export const withoutLine = (bytes: Buffer | null): NoSession => {
  if (bytes?.length === 0) return { cause: "foreign", reason: "is empty: there is no session in it" }
  return bytes !== null && `{"annalist":1`.startsWith(bytes.toString("latin1", 0, 12))
    ? { cause: "damaged", reason: "is torn within its first line: nothing of the session is left" }
    : { cause: "foreign", reason: noHeader }
}

/** A header in which a byte was changed still looks like one. */
export const withoutHeader = (text: string, reason: string): NoSession => {
  const version = parseObject(text)?.["annalist"]
  if (typeof version === "number" && version > 1) return { cause: "newer", reason }
  const resembles = /"boot_id":|"annalist":1/.test(text) && /"created":|"node":/.test(text)
  return resembles
    ? { cause: "damaged", reason: "has a damaged header: line 1 is not what was written" }
    : { cause: "foreign", reason }
}
