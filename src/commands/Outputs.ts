// What managed processes wrote, for whoever asks: the last lines, and if wanted what follows.

import { Data, type Effect, type Stream } from "effect"
import type { ManagedProcess } from "../domain/processes/Processes.ts"

export class OutputError extends Data.TaggedError("OutputError")<{ readonly reason: string }> {}

export interface OutputAsked {
  readonly process: Pick<ManagedProcess, "id" | "spec">
  /** How many of the lines that are already there. */
  readonly last: number
  /** Null to end with what is there; otherwise what comes is told as well, until this is done. */
  readonly until: Effect.Effect<unknown> | null
}

export interface Outputs {
  /** Lines as they were written, the line end included; the last may lack it. */
  readonly lines: (asked: OutputAsked) => Stream.Stream<ReadonlyArray<string>, OutputError>
}
