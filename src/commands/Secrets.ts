// Where the environment values of managed processes lie: outside the log and every export, readable by the agent alone.

import { Context, Data, type Effect } from "effect"
import type { ProcessId } from "../domain/Brands.ts"

export class SecretsError extends Data.TaggedError("SecretsError")<{ readonly reason: string }> {}

export type Environment = Readonly<Record<string, string>>

export class Secrets extends Context.Tag("annalist/Secrets")<
  Secrets,
  {
    /** Durable before the boot is asked for, so that a supervisor that acts on the event finds it. */
    readonly keep: (process: ProcessId, environment: Environment) => Effect.Effect<void, SecretsError>
    readonly of: (process: ProcessId) => Effect.Effect<Environment | null, SecretsError>
    readonly forget: (process: ProcessId) => Effect.Effect<void, SecretsError>
  }
>() {}
