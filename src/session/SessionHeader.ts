// The first and the last line of a session file: whose session it is and what range, how much it holds and its digest.

import { Either } from "effect"
import { Position } from "../domain/Brands.ts"
import { seal } from "./seal.ts"

/** The version of the format that this build writes, and the newest that it reads. */
const formatVersion = 1

export interface SessionHeader {
  readonly node: string
  readonly bootId: string
  /** null in files of other writers. */
  readonly logId: string | null
  /** The range of positions that the session covers; from > to when it covers nothing. */
  readonly from: Position
  readonly to: Position
  /** When the file was made, ISO 8601. */
  readonly created: string
  /** The kinds that were asked for; null is all of them. */
  readonly types: ReadonlyArray<string> | null
}

export interface SessionEnd {
  /** Event lines, the carried ones included. */
  readonly count: number
  /** "sha256:" and hex digits, over every byte before the last line. */
  readonly digest: string
  /** Positions of the range that have no line: filtered out, or gone from the log with its aged telemetry. */
  readonly absent: number
}

export const formatHeader = (header: SessionHeader): string =>
  seal(
    JSON.stringify({
      annalist: formatVersion,
      node: header.node,
      boot_id: header.bootId,
      ...(header.logId === null ? {} : { log_id: header.logId }),
      from: header.from,
      to: header.to,
      created: header.created,
      ...(header.types === null ? {} : { types: header.types }),
    }),
  )

export const formatEnd = (end: SessionEnd): string =>
  seal(
    JSON.stringify({
      end: true,
      count: end.count,
      ...(end.absent === 0 ? {} : { absent: end.absent }),
      digest: end.digest,
    }),
  )

/** The left side is the rest of a sentence that begins with the file's name. */
export const parseHeader = (line: string): Either.Either<SessionHeader, string> => {
  const json = parseObject(line)
  if (json === null) return Either.left(`is no Annalist session: its first line is not a header ({"annalist":1,…})`)
  if (!("annalist" in json)) {
    const keys = Object.keys(json).slice(0, 4).join(", ").slice(0, 80)
    return Either.left(
      `is NDJSON, but no Annalist session: its first line has ${keys === "" ? "no fields" : `the fields ${keys}`}, not "annalist"`,
    )
  }
  const { annalist, node, boot_id, log_id, from, to, created, types } = json
  if (typeof annalist === "number" && annalist > formatVersion) {
    return Either.left(
      `is a session of format ${annalist}; this Annalist reads up to format ${formatVersion}, a newer one will read it`,
    )
  }
  const sound =
    annalist === formatVersion &&
    typeof node === "string" &&
    typeof boot_id === "string" &&
    isCount(from) &&
    isCount(to) &&
    typeof created === "string"
  if (!sound) return Either.left("has a damaged header: its first line lacks node, boot_id, from, to or created")
  return Either.right({
    node,
    bootId: boot_id,
    logId: typeof log_id === "string" ? log_id : null,
    from: Position(from),
    to: Position(to),
    created,
    types: Array.isArray(types) ? types.map(String) : null,
  })
}

/** null when the object is not the last line of a session. */
export const endOf = (json: Readonly<Record<string, unknown>>): SessionEnd | null => {
  const { end, count, digest, absent } = json
  if (end !== true || !isCount(count) || typeof digest !== "string") return null
  return { count, digest, absent: isCount(absent) ? absent : 0 }
}

export const parseObject = (line: string): Record<string, unknown> | null => {
  try {
    const json: unknown = JSON.parse(line)
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
