// What a query asks: the state of a projection, now or at a past moment. The same port over a live log, an opened file and a replay.

import { Context, Data, type Effect } from "effect"
import type { Position } from "../domain/Brands.ts"
import type { Moment } from "../domain/Moment.ts"
import type { Projection } from "./Projection.ts"

/** All of what is asked, at one and the same position. */
export interface View {
  readonly position: Position
  /** Wall time of the event at that position, µs: the "now" of every judgement. */
  readonly at: number
  /** The state of a projection at that position. Read it; do not keep or change it. */
  readonly state: <S>(projection: Projection<S>) => S
}

/** A moment before the log begins, or a position that is not yet written. */
export class MomentUnknown extends Data.TaggedError("MomentUnknown")<{ readonly reason: string }> {}

/** The log behind the views cannot be read right now. */
export class ViewsUnavailable extends Data.TaggedError("ViewsUnavailable")<{ readonly reason: string }> {}

export class Views extends Context.Tag("annalist/Views")<
  Views,
  {
    readonly at: (moment: Moment) => Effect.Effect<View, MomentUnknown | ViewsUnavailable>
    /** Waits until the views show at least this position: a writer reads its own write. */
    readonly reached: (position: Position) => Effect.Effect<View, ViewsUnavailable>
    /** Waits until a condition holds in the present, looked at after every commit. The caller bounds the wait. */
    readonly until: (holds: (view: View) => boolean) => Effect.Effect<View, ViewsUnavailable>
  }
>() {}
