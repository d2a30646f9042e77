// What waits for the writer: a batch with its moment of arrival, and who is told how it went.

import type { Deferred } from "effect"
import type { Lane } from "../../domain/Event.ts"
import type { AppendError, Appended, Batch } from "../EventLog.ts"

export interface Pending {
  readonly batch: Batch
  readonly lane: Lane
  readonly at: number
  readonly mono: number
  readonly bytes: number
  /** Null for telemetry that nobody waits for. */
  readonly waiter: Deferred.Deferred<Appended, AppendError> | null
}
