// The states of all projections at one position: folded together, so that no answer mixes two moments.

import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Projection } from "./Projection.ts"
import type { View } from "./Views.ts"

export interface States {
  position: Position
  at: number
  readonly folds: ReadonlyMap<string, Fold>
  /** Those of them that a collective may change. */
  readonly ofCollectives: ReadonlyArray<Fold>
}

interface Fold {
  readonly projection: Projection<unknown>
  state: unknown
}

/** A projection of any state, as the runner holds them side by side. */
export type AnyProjection = Pick<Projection<never>, "name" | "version" | "ignoresCollectives"> & {
  readonly initial: () => unknown
  readonly evolve: (state: never, envelope: Envelope) => unknown
  readonly copy: (state: never) => unknown
}

export const make = (projections: ReadonlyArray<AnyProjection>): States =>
  of(
    Position(0),
    0,
    projections.map((projection) => ({
      projection: projection as Projection<unknown>,
      state: projection.initial(),
    })),
  )

const of = (position: Position, at: number, folds: ReadonlyArray<Fold>): States => ({
  position,
  at,
  folds: new Map(folds.map((fold) => [fold.projection.name, fold])),
  ofCollectives: folds.filter(({ projection }) => projection.ignoresCollectives !== true),
})

/** Of some projections, as a view shows them, to be folded on from there. */
export const from = (source: View, projections: ReadonlyArray<AnyProjection>): States => {
  const states = make(projections)
  for (const fold of states.folds.values()) fold.state = fold.projection.copy(source.state(fold.projection))
  states.position = source.position
  states.at = source.at
  return states
}

/** Consumes the states: they are updated in place. */
export const evolve = (states: States, envelope: Envelope): void => {
  const concerned = "communicator" in envelope.event ? states.ofCollectives : states.folds.values()
  for (const fold of concerned) fold.state = fold.projection.evolve(fold.state, envelope)
  states.position = envelope.position
  states.at = envelope.at
}

export const copy = ({ position, at, folds }: States): States =>
  of(
    position,
    at,
    Array.from(folds.values(), ({ projection, state }) => ({ projection, state: projection.copy(state) })),
  )

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
