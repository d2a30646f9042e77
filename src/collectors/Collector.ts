// What observes the world: a name, a rhythm and one look. Users write their own against this contract.

import { Data, type Effect, type Option } from "effect"
import type { ProcessesSampled } from "../domain/events/HostProcessEvents.ts"
import type { MeasuresTaken } from "../domain/events/MeasureEvents.ts"
import type { SampleEvent } from "../domain/events/SampleEvents.ts"

/** What one look saw: raw counters, never rates. Who looked and when is added by the scheduler. */
export type Observation = Seen<SampleEvent> | Seen<ProcessesSampled> | Seen<MeasuresTaken>

export type Seen<Event> = Omit<Event, "collector" | "takenMicros">

/** Why a look failed. The scheduler tells it once and goes on looking. */
export class CollectorError extends Data.TaggedError("CollectorError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface Collector<What extends Observation = Observation> {
  readonly name: string
  readonly intervalMillis: number
  /** None when there is nothing to look at. What happens inside is read raw and at once: the look's time is its end. */
  readonly collect: Effect.Effect<Option.Option<What>, CollectorError>
}
