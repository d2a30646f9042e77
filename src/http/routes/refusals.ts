// Writes down what a caller who may ask was refused before the rules could even look at it.

import { Effect } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { Problem } from "../Problem.ts"
import type { RouteCaller } from "../Route.ts"

const reasonChars = 500

export const toldRefusal = (
  command: string,
  caller: RouteCaller,
  { detail }: Problem,
): Effect.Effect<void, never, Commands> =>
  Effect.flatMap(Commands, (commands) =>
    commands.record([{ _tag: "CommandRefused", command, reason: detail.slice(0, reasonChars) }], {
      actor: caller.actor,
    }),
  ).pipe(
    Effect.catchTag("ReadOnly", () => Effect.void),
    Effect.catchAll((error) => Effect.logDebug(`a refusal is not in the log: ${error._tag}`)),
  )
