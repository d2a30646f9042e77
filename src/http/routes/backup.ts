// POST /v1/backup: the log copied into a new data directory while it goes on being written.

import { isAbsolute } from "node:path"
import { Effect, Option, Schema, Stream } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { Position } from "../../domain/Brands.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofCommandError, ofReading, unavailable } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"

const BackupRequest = Schema.Struct({ directory: Schema.String })

const BackupAnswer = Schema.Struct({ directory: Schema.String, head: Schema.Int, bytes: Schema.Number })

/** A log of a gigabyte takes about half a minute to copy and check. */
const waitMillis = 15 * 60_000

export const backupRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "POST",
    path: "/v1/backup",
    role: "admin",
    errors: "problem",
    tag: "log",
    summary: "Copies the log into a new data directory, checked entry by entry, while appending goes on.",
    requestBody: BackupRequest,
    response: BackupAnswer,
    answer: (request) => backup(request),
  },
]

const isRequest = Schema.is(BackupRequest)

const backup = Effect.fn("POST /v1/backup")(function* ({ body, caller }: RouteRequest) {
  if (!isRequest(body) || !isAbsolute(body.directory) || body.directory.includes("\0")) {
    return yield* badRequest('the body must be {"directory": "/an/absolute/path"}, a folder that is empty or not there')
  }
  const commands = yield* Commands
  const reader = yield* LogReader
  const { position } = yield* Effect.mapError(
    commands.record([{ _tag: "BackupRequested", directory: body.directory }], caller),
    ofCommandError,
  )
  const outcome = yield* reader.follow(Position(position + 1)).pipe(
    Stream.mapConcat((envelopes) => envelopes),
    Stream.map(({ event }) => event),
    Stream.filter(
      (event) => (event._tag === "LogBackedUp" || event._tag === "BackupFailed") && event.request === position,
    ),
    Stream.runHead,
    Effect.timeoutOption(waitMillis),
    Effect.map(Option.flatten),
    Effect.map(Option.getOrNull),
    Effect.mapError(ofReading),
  )
  if (outcome?._tag === "LogBackedUp") {
    return { status: 200, body: { directory: outcome.directory, head: outcome.head, bytes: outcome.bytes } }
  }
  if (outcome?._tag === "BackupFailed") {
    return yield* new Problem({ status: 409, kind: "backup-failed", detail: outcome.reason })
  }
  return yield* unavailable("the backup goes on; its end will be an event LogBackedUp or BackupFailed")
})
