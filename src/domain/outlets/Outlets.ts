// How far each outlet has come, and which of them cannot deliver now.

import type { Envelope } from "../Envelope.ts"
import type { OutletName } from "../events/OutletEvents.ts"

export interface Outlet {
  readonly to: string
  /** Everything of its kind after this position is owed. */
  readonly through: number
  readonly failing: { readonly reason: string; readonly at: number } | null
}

export type Outlets = ReadonlyMap<OutletName, Outlet>

export const initial = (): Outlets => new Map()

export const evolve = (state: Outlets, { event, position, at }: Envelope): Outlets => {
  switch (event._tag) {
    case "OutletOpened":
      return put(state, event.outlet, { to: event.to, through: position, failing: null })
    case "OutletClosed":
      return new Map(Array.from(state).filter(([name]) => name !== event.outlet))
    case "OutletAdvanced":
      return change(state, event.outlet, { through: event.through })
    case "OutletFailed":
      return change(state, event.outlet, { failing: { reason: event.reason, at } })
    case "OutletRecovered":
      return change(state, event.outlet, { failing: null })
    default:
      return state
  }
}

const change = (state: Outlets, name: OutletName, changes: Partial<Outlet>): Outlets => {
  const known = state.get(name)
  return known === undefined ? state : put(state, name, { ...known, ...changes })
}

const put = (state: Outlets, name: OutletName, outlet: Outlet): Outlets => new Map(state).set(name, outlet)
