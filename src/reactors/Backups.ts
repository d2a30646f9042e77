// Copies the log into a new data directory when the log says that somebody asked for it, and says what came of it.

import { join } from "node:path"
import { Effect, Layer, Schedule, Stream } from "effect"
import { Commands } from "../commands/Commands.ts"
import { Position } from "../domain/Brands.ts"
import type { Event } from "../domain/Event.ts"
import { EventLog } from "../log/EventLog.ts"
import { LogUpkeep } from "../log/LogUpkeep.ts"

const caller = { actor: "agent" }

/** A request that an earlier agent left undone is not taken up again: who asked has long had no answer. */
const make = Effect.gen(function* () {
  const log = yield* EventLog
  const { head } = yield* log.info
  yield* log.follow(Position(head + 1)).pipe(
    Stream.runForEach((committed) =>
      Effect.forEach(
        // Telemetry comes by here as well: what is no request costs a comparison.
        committed.filter(({ event }) => event._tag === "BackupRequested"),
        ({ event, position }) => (event._tag === "BackupRequested" ? copy(event.directory, position) : Effect.void),
        { discard: true },
      ),
    ),
    Effect.tapError((error) => Effect.logWarning(`backups wait for the log: ${error.reason}`)),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.forkScoped,
  )
})

const copy = Effect.fn("Backups.copy")(function* (directory: string, request: number) {
  const upkeep = yield* LogUpkeep
  const commands = yield* Commands
  const outcome: Event = yield* upkeep.backup(join(directory, "log")).pipe(
    Effect.match({
      onSuccess: ({ head, bytes }) => ({ _tag: "LogBackedUp" as const, request, directory, head, bytes }),
      onFailure: (error) => ({
        _tag: "BackupFailed" as const,
        request,
        directory,
        reason: "advice" in error ? `${error.reason}; ${error.advice}` : error.reason,
      }),
    }),
  )
  yield* commands
    .record([outcome], caller)
    .pipe(Effect.catchAll((error) => Effect.logError(`what came of the backup is not in the log: ${error.reason}`)))
})

export const layer: Layer.Layer<never, never, EventLog | LogUpkeep | Commands> = Layer.scopedDiscard(make)
