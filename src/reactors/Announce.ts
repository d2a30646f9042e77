// The first and the last word of an agent's life in its log: AgentStarted and AgentStopped.

import { Effect, Layer } from "effect"
import { Commands } from "../commands/Commands.ts"

export interface Options {
  readonly bootId: string
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly hangLimitMillis: number
}

/** An end that is no longer taken is no error: the next start tells as much. */
const farewellMillis = 500

const caller = { actor: "agent" }

/** Ready once the start is durable: everything after it belongs to this life. */
export const layer = (options: Options) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const commands = yield* Commands
      yield* commands.record([{ _tag: "AgentStarted", ...options }], caller)
      yield* Effect.addFinalizer(() =>
        commands.record([{ _tag: "AgentStopped", reason: "asked to end" }], caller).pipe(
          Effect.timeout(farewellMillis),
          Effect.catchAll((error) => Effect.logDebug(`the agent's end is not in the log: ${error._tag}`)),
        ),
      )
    }),
  )
