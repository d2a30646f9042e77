// given/when/then for deciders and folds: envelopes made of bare events, a second apart.

import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import type { Event } from "../../src/domain/Event.ts"

export const second = 1_000_000
export const start = 1_700_000_000 * second

/** Events as the log would hold them: dense from 1, `gap` microseconds apart. */
export const envelopes = (events: ReadonlyArray<Event>, gap = second, from = 1): ReadonlyArray<Envelope> =>
  events.map((event, index) => ({
    position: Position(from + index),
    at: start + (from + index - 1) * gap,
    mono: (from + index - 1) * gap,
    actor: "test",
    command: null,
    event,
  }))

export const fold = <State>(
  projection: { readonly initial: () => State; readonly evolve: (state: State, envelope: Envelope) => State },
  events: ReadonlyArray<Event>,
  gap = second,
): State => envelopes(events, gap).reduce(projection.evolve, projection.initial())
