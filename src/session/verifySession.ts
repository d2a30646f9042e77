// Is a session what was written? Every line, the order, the density, the count and the digest; exact ranges of what is not.

import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { type Verification as LogVerification } from "../log/verify/Verification.ts"
import { verifyDirectory } from "../log/verify/verifyDirectory.ts"
import type { Damage } from "./Damage.ts"
import { unopenable } from "./openDirectory.ts"
import type { Progress } from "./openSession.ts"
import type { ScanReport } from "./ScanReport.ts"
import { scanFile, unreadable } from "./scanFile.ts"
import type { SessionUnreadable } from "./SessionUnreadable.ts"

export interface Verification {
  readonly path: string
  readonly kind: "file" | "directory"
  readonly intact: boolean
  /** One sentence that begins with the path. */
  readonly sentence: string
  readonly events: number
  readonly from: number
  readonly to: number
  /** Bounded; `damageCount` has them all. */
  readonly damage: ReadonlyArray<Damage>
  readonly damageCount: number
}

/** Fails where there is no session to verify: what is no session is not a damaged one. */
export const verifySession = (path: string, progress?: Progress): Effect.Effect<Verification, SessionUnreadable> =>
  Effect.tryPromise({ try: () => stat(path), catch: (error) => unreadable(path, error as Error) }).pipe(
    Effect.flatMap((facts) => (facts.isDirectory() ? verifyLog(path) : verifyFile(path, progress))),
  )

const verifyLog = (path: string): Effect.Effect<Verification, SessionUnreadable> =>
  verifyDirectory(path).pipe(
    Effect.mapBoth({
      onSuccess: (found) => ofLog(path, found),
      onFailure: (error) => unopenable(path, error),
    }),
  )

const ofLog = (path: string, { intact, events, head, damage }: LogVerification): Verification => {
  const found = damage.map((one): Damage => ({ line: null, ...one }))
  return {
    path,
    kind: "directory",
    intact,
    sentence: intact
      ? `${path} is intact: ${countShown(events)}, positions 1 to ${head}`
      : sentenceOf(path, null, found, found.length, head),
    events,
    from: 1,
    to: head,
    damage: found,
    damageCount: found.length,
  }
}

const verifyFile = (path: string, progress?: Progress): Effect.Effect<Verification, SessionUnreadable> =>
  scanFile(path, { thorough: true, visit: () => undefined, ...(progress === undefined ? {} : { progress }) }).pipe(
    Effect.map((report) => verificationOf(path, report)),
    Effect.catchIf(
      ({ cause }) => cause === "damaged",
      (error) => Effect.succeed(headless(path, error)),
    ),
  )

const verificationOf = (path: string, report: ScanReport): Verification => {
  const { header, count, last, cut } = report
  const missing = missingAtEnd(report)
  const damage = [...report.damage, ...missing]
  const damageCount = report.damageCount + missing.length
  return {
    path,
    kind: "file",
    intact: damageCount === 0,
    sentence:
      damageCount === 0
        ? `${path} is intact: ${countShown(count)}, positions ${header.from} to ${header.to}`
        : sentenceOf(path, cut, damage, damageCount, last),
    events: count,
    from: header.from,
    to: header.to,
    damage,
    damageCount,
  }
}

/** A file without its end line is damaged even where no position is missing: nobody can tell what came after. */
const missingAtEnd = ({ header, last, cut }: ScanReport): ReadonlyArray<Damage> => {
  if (cut === null) return []
  const from = Math.max(last, header.from - 1) + 1
  const lost = from <= header.to
  return [{ line: null, from: lost ? from : null, to: lost ? header.to : null, reason: `the file ${cut}` }]
}

const sentenceOf = (
  path: string,
  cut: string | null,
  damage: ReadonlyArray<Damage>,
  count: number,
  last: number,
): string =>
  cut !== null && count === 1
    ? `${path} ${cut}`
    : `${path} is damaged in ${count === 1 ? "one place" : `${count} places`}, the first ${placeOf(damage[0], last)}`

const placeOf = (damage: Damage | undefined, last: number): string => {
  if (damage === undefined) return `after position ${last}`
  const positions =
    damage.from === null
      ? ""
      : ` (${damage.from === damage.to ? `position ${damage.from}` : `positions ${damage.from} to ${damage.to}`})`
  return damage.line === null
    ? `being: ${damage.reason}${positions}`
    : `at line ${damage.line}${positions}: it ${damage.reason}`
}

const headless = (path: string, error: SessionUnreadable): Verification => ({
  path,
  kind: "file",
  intact: false,
  sentence: error.message,
  events: 0,
  from: 0,
  to: 0,
  damage: [{ line: 1, from: null, to: null, reason: error.reason }],
  damageCount: 1,
})

const countShown = (count: number): string => (count === 1 ? "1 event" : `${count} events`)
