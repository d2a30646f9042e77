// The states of all projections at one position: folded together, so that no answer mixes two moments.

import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Projection } from "./Projection.ts"
import type { View } from "./Views.ts"

export interface States {
  position: Position
  at: number
  readonly folds: Map<string, Fold>
}

interface Fold {
  readonly projection: Projection<unknown>
  state: unknown
}

/** A projection of any state, as the runner holds them side by side. */
export type AnyProjection = Pick<Projection<never>, "name" | "version"> & {
  readonly initial: () => unknown
  readonly evolve: (state: never, envelope: Envelope) => unknown
  readonly copy: (state: never) => unknown
}

export const make = (projections: ReadonlyArray<AnyProjection>): States => ({
  position: Position(0),
  at: 0,
  folds: new Map(
    projections.map((projection) => [
      projection.name,
      { projection: projection as Projection<unknown>, state: projection.initial() },
    ]),
  ),
})

/** Consumes the states: they are updated in place. */
export const evolve = (states: States, envelope: Envelope): void => {
  for (const fold of states.folds.values()) fold.state = fold.projection.evolve(fold.state, envelope)
  states.position = envelope.position
  states.at = envelope.at
}

export const copy = (states: States): States => ({
  position: states.position,
  at: states.at,
  folds: new Map(
    Array.from(states.folds, ([name, fold]) => [
      name,
      { projection: fold.projection, state: fold.projection.copy(fold.state) },
    ]),
  ),
})

/** What a query sees of them. The view stays tied to `states`: read it before the next event is folded. */
export const view = (states: States): View => ({
  position: states.position,
  at: states.at,
  state: <S>(projection: Projection<S>): S => {
    const fold = states.folds.get(projection.name)
    if (fold === undefined) throw new Error(`the projection ${projection.name} is not folded here`)
    return fold.state as S
  },
})
