// A session file made ready for reading at any position: read through once, damage refused, its index in memory.

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { open } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { Damage } from "./Damage.ts"
import type { IndexedFile } from "./FileReader.ts"
import { factsOf, scanFile, scanQuickly, unreadable } from "./scanFile.ts"
import * as SessionIndex from "./SessionIndex.ts"
import { SessionUnreadable } from "./SessionUnreadable.ts"

/** Progress is told as bytes of the file read, of all. */
export const openFile = (
  path: string,
  progress?: (read: number, all: number) => void,
): Effect.Effect<IndexedFile, SessionUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    const facts = yield* factsOf(path)
    // A packed file cannot be read from the middle: its text is laid out in a private folder for as long as it is open.
    const unpacked = facts.compression === "none" ? null : yield* scratch
    const { index, report } = yield* scanned(path, unpacked?.descriptor ?? null, progress)
    const [first] = report.damage
    if (first !== undefined)
      return yield* new SessionUnreadable({ path, cause: "damaged", reason: damagedReason(path, first) })
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => open(unpacked?.path ?? path, "r"),
        catch: (error) => unreadable(path, error as Error),
      }),
      (one) => Effect.promise(() => one.close()),
    )
    return { handle, report, marks: index.marks, bytes: facts.bytes }
  })

/** Quickly when the file is plainly whole, and line by line otherwise. */
const scanned = (path: string, copy: number | null, progress: ((read: number, all: number) => void) | undefined) =>
  Effect.gen(function* () {
    const options = {
      ...(copy === null ? {} : { bytes: (chunk: Uint8Array) => void writeSync(copy, chunk) }),
      ...(progress === undefined ? {} : { progress }),
    }
    const quick = SessionIndex.make()
    const whole = yield* scanQuickly(path, { ...options, index: quick })
    if (whole !== null) return { index: quick, report: whole }
    if (copy !== null) ftruncateSync(copy)
    const index = SessionIndex.make()
    const report = yield* scanFile(path, {
      ...options,
      thorough: false,
      visit: ({ position, at }, carried, offset) => index.add(position, at, carried, offset),
    })
    return { index, report }
  })

const damagedReason = (path: string, { line, from, to, reason }: Damage): string => {
  const where =
    line === null ? "" : ` line ${line}${from === null ? "" : ` (position ${from}${to === from ? "" : ` to ${to}`})`}`
  return `is damaged:${where} ${reason}; annalist verify ${path} lists all of it`
}

const scratch = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "annalist-session-"))
    const path = join(folder, "session.ndjson")
    return { folder, path, descriptor: openSync(path, "ax", 0o600) }
  }),
  ({ folder, descriptor }) =>
    Effect.sync(() => {
      closeSync(descriptor)
      rmSync(folder, { recursive: true, force: true })
    }),
)
