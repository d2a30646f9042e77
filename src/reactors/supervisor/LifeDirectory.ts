// Where a managed process keeps its things, and what its shim wrote there about one of its lives.

import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import path from "node:path"
import { Data, Effect, Either, Schema } from "effect"
import type { ProcessId } from "../../domain/Brands.ts"

/** The agent could not use its own directory. */
export class DirectoryError extends Data.TaggedError("DirectoryError")<{ readonly reason: string }> {}

/** From one boot to one end. A restarted process has several, each with records of its own: none is mistaken for another's. */
export interface Life {
  readonly process: ProcessId
  /** The time of the event that asked for the boot, µs: the same in the log and after any crash. */
  readonly requestedAt: number
}

/** Written by the shim once the program runs. */
export const IdentityRecord = Schema.Struct({
  pid: Schema.Int,
  start_ticks: Schema.Int,
  boot_id: Schema.String,
  shim_pid: Schema.Int,
  shim_start_ticks: Schema.Int,
})
export type IdentityRecord = typeof IdentityRecord.Type

/** Written by the shim instead, when the program could not be run. */
export const FailureRecord = Schema.Struct({
  step: Schema.String,
  errno: Schema.Int,
  error: Schema.String,
  path: Schema.String,
})
export type FailureRecord = typeof FailureRecord.Type

/** Written when the program ended. Both null when the shim could not tell. */
export const StatusRecord = Schema.Struct({
  code: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.Int),
  ended_at_us: Schema.optional(Schema.NullOr(Schema.Number)),
})
export type StatusRecord = typeof StatusRecord.Type

/** Written last, when no descendant is left. Null from a shim that does not see those who left the group. */
export const EmptyRecord = Schema.Struct({ stragglers_reaped: Schema.NullOr(Schema.Int) })

const lifePrefix = "life-"
/** The shim cuts its records off at two kilobytes. */
const recordBytes = 4096

/** Ids come from outside: whatever could leave the directory is spelt out. */
export const fileNameOf = (process: ProcessId): string => encodeURIComponent(process).replaceAll(".", "%2E")

export const ofProcess = (dataDirectory: string, process: ProcessId): string =>
  path.join(dataDirectory, "processes", fileNameOf(process))

export const ofLife = (dataDirectory: string, life: Life): string =>
  path.join(ofProcess(dataDirectory, life.process), `${lifePrefix}${life.requestedAt}`)

export const defaultLog = (dataDirectory: string, process: ProcessId): string =>
  path.join(ofProcess(dataDirectory, process), "output.log")

/** The directory of a new life. */
export const prepare = (dataDirectory: string, life: Life): Effect.Effect<string, DirectoryError> =>
  Effect.try({
    try: () => {
      const directory = ofLife(dataDirectory, life)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      return directory
    },
    catch: directoryError,
  })

/** Drops the records of earlier lives: what they said is in the log by now. */
export const dropEarlier = (dataDirectory: string, life: Life): Effect.Effect<void, DirectoryError> =>
  Effect.suspend(() => {
    const parent = ofProcess(dataDirectory, life.process)
    const current = path.basename(ofLife(dataDirectory, life))
    const earlier = namesIn(parent).filter((name) => name.startsWith(lifePrefix) && name !== current)
    if (earlier.length === 0) return Effect.void
    return attempt(async () => {
      await Promise.all(earlier.map((name) => rm(path.join(parent, name), { recursive: true, force: true })))
    })
  })

/** Environment, output and records: all that is left of a process outside the log. */
export const remove = (dataDirectory: string, process: ProcessId): Effect.Effect<void, DirectoryError> =>
  attempt(() => rm(ofProcess(dataDirectory, process), { recursive: true, force: true }))

/** Why a program could not be run, as the caller reads it. */
export const sentenceOf = ({ step, error, path: about }: FailureRecord): string => {
  switch (step) {
    case "exec":
      return `cannot run ${about}: ${error}`
    case "cwd":
      return `working directory ${about}: ${error}`
    case "log":
      return `cannot open the log ${about}: ${error}`
    default:
      return `${step}: ${error}${about === "" ? "" : `: ${about}`}`
  }
}

/** Null when it is not there. The shim writes whole files only, so what does not decode is damage: it says nothing either. */
const recordOf = <A, I>(name: string, schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(Schema.parseJson(schema))
  return (directory: string): Effect.Effect<A | null> =>
    Effect.suspend(() => {
      const file = path.join(directory, name)
      const text = contents(file)
      if (text === null) return Effect.succeed(null)
      return Either.match(decode(text.slice(0, recordBytes)), {
        onLeft: (error) => Effect.as(Effect.logWarning(`${file} is not readable: ${error.message}`), null),
        onRight: Effect.succeed,
      })
    })
}

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    // Flushed meanwhile.
    return []
  }
}

/** In one go, because it is small and was written a moment ago: four trips through Node's thread pool cost thirty times as much. */
const contents = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    // Not written yet, or gone.
    return null
  }
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, DirectoryError> =>
  Effect.tryPromise({ try: run, catch: directoryError })

const directoryError = (error: unknown): DirectoryError =>
  new DirectoryError({ reason: error instanceof Error ? error.message : String(error) })

export const identity = recordOf("identity", IdentityRecord)
export const failure = recordOf("failure", FailureRecord)
export const status = recordOf("status", StatusRecord)
export const empty = recordOf("empty", EmptyRecord)
