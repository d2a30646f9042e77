// Tells the log what the supervisor did, and tells it again while the log takes nothing.

import { Effect, Schedule } from "effect"
import { type CommandError, Commands } from "../../commands/Commands.ts"
import type { ProcessCommand } from "../../domain/processes/ProcessCommand.ts"
import type { Rejection } from "../../domain/Rejection.ts"

/** Waits from a tenth of a second to five; what is not taken for so long is found again by the next start. */
const patience = Schedule.exponential("100 millis").pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.upTo("10 minutes"),
)

/** The same command id each time: a write whose outcome was unknown is not doubled by its repetition. */
export const report = Effect.fn("Supervisor.report")(function* (command: ProcessCommand) {
  const commands = yield* Commands
  yield* commands.submit(command, { actor: "agent" }).pipe(
    Effect.retry({ schedule: patience, while: mayPass }),
    Effect.catchAll((error) =>
      Effect.logWarning(`${command._tag} of ${command.process} is not in the log: ${reasonOf(error)}`),
    ),
  )
})

const mayPass = (error: Rejection | CommandError): boolean =>
  error._tag === "Unavailable" || error._tag === "CommandOutcomeUnknown"

const reasonOf = (error: Rejection | CommandError): string => ("reason" in error ? error.reason : error.message)
