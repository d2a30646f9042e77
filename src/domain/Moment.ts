// A moment that a query can be asked about: now, a position, a time, or so long before now.

import { Either } from "effect"
import { Position } from "./Brands.ts"

export type Moment =
  | { readonly _tag: "Now" }
  | { readonly _tag: "AtPosition"; readonly position: Position }
  | { readonly _tag: "AtTime"; readonly micros: number }
  | { readonly _tag: "Ago"; readonly micros: number }

export const now: Moment = { _tag: "Now" }

const unitMicros: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }

/** What `?at=` takes. The refusal says what would have been right. */
export const parse = (text: string): Either.Either<Moment, string> => {
  if (text === "" || text === "now") return Either.right(now)
  if (/^\d{1,15}$/.test(text)) return Either.right({ _tag: "AtPosition", position: Position(Number(text)) })
  const ago = /^-(\d{1,9})(s|m|h|d)$/.exec(text)
  if (ago !== null) return back(Number(ago[1]) * (unitMicros[ago[2] ?? "s"] ?? 0))
  const micros = isoMicros(text)
  return micros === null
    ? Either.left(
        `at is "${text}"; it takes a position (4711), an ISO 8601 time (2026-01-31T03:00:00Z) or a span back (-10m)`,
      )
    : Either.right({ _tag: "AtTime", micros })
}

/** No log reaches back a century, and no date to the beginning of a larger span. */
const back = (micros: number): Either.Either<Moment, string> =>
  micros <= 36_525 * 86_400e6
    ? Either.right({ _tag: "Ago", micros })
    : Either.left(
        "at reaches back more than a hundred years; it takes a position (4711), an ISO 8601 time or a span back (-10m)",
      )

/** ISO 8601 with up to six digits of a second, to microseconds; null when it is no such time. */
export const isoMicros = (text: string): number | null => {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,6})\d*)?(Z|[+-]\d{2}:?\d{2})$/.exec(text)
  if (parts === null) return null
  const millis = Date.parse(`${parts[1]}${parts[3]}`)
  return Number.isNaN(millis) ? null : millis * 1000 + Number((parts[2] ?? "0").padEnd(6, "0"))
}

/** Microseconds since the epoch as ISO 8601 with six digits. */
export const isoTime = (micros: number): string => {
  // Beyond what a Date can hold the nearest end of it is told.
  const seconds = Math.min(8.64e12, Math.max(-8.64e12, Math.floor(micros / 1e6)))
  const fraction = String(Math.max(0, Math.min(999_999, Math.floor(micros - seconds * 1e6)))).padStart(6, "0")
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}
