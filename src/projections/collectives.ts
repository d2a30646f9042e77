// What collectives are under way, and how far each rank has come.

import * as Collectives from "../domain/collectives/Collectives.ts"
import type { Projection } from "./Projection.ts"

export const collectives: Projection<Collectives.Collectives> = {
  name: "collectives",
  version: 4,
  initial: Collectives.initial,
  evolve: (state, envelope) => Collectives.evolve(state, envelope),
  copy: Collectives.copy,
}
