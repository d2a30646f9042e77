// The file that says "this directory is a log of Annalist": without it nothing is opened, with it nothing is created.

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Either, Schema } from "effect"
import { LogUnopenable } from "../EventLog.ts"

export const FORMAT = 1

export const Marker = Schema.Struct({
  kind: Schema.Literal("annalist-log"),
  format: Schema.Int,
  created: Schema.String,
})
export type Marker = typeof Marker.Type

const MarkerText = Schema.parseJson(Marker)
const decode = Schema.decodeUnknownEither(MarkerText)

export const encode = (created: string): string =>
  `${Schema.encodeSync(MarkerText)({ kind: "annalist-log", format: FORMAT, created })}\n`

export const fileOf = (directory: string): string => join(directory, "ANNALIST")

/** Null when there is no marker. */
export const read = (directory: string): Effect.Effect<Marker | null, LogUnopenable> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readFile(fileOf(directory), "utf8"),
      catch: (cause) => cause as NodeJS.ErrnoException,
    }).pipe(
      Effect.catchAll((cause) => (isAbsent(cause) ? Effect.succeed(null) : Effect.fail(unreadable(directory, cause)))),
    )
    if (text === null) return null
    const marker = decode(text)
    if (Either.isLeft(marker)) {
      return yield* new LogUnopenable({
        reason: `${fileOf(directory)} is not a marker of Annalist`,
        advice: "name another data directory, or restore the file from a backup",
      })
    }
    if (marker.right.format > FORMAT) {
      return yield* new LogUnopenable({
        reason: `${directory} has log format ${marker.right.format}; this build reads up to ${FORMAT}`,
        advice: "use the newer annalist that wrote it",
      })
    }
    return marker.right
  })

const isAbsent = (cause: NodeJS.ErrnoException): boolean => cause.code === "ENOENT" || cause.code === "ENOTDIR"

const unreadable = (directory: string, cause: NodeJS.ErrnoException): LogUnopenable =>
  new LogUnopenable({
    reason: `${directory} cannot be read: ${cause.message}`,
    advice: "check its owner and permissions",
  })
