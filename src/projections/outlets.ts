// How far what leaves the agent by itself has come.

import * as Outlets from "../domain/outlets/Outlets.ts"
import type { Projection } from "./Projection.ts"

export const outlets: Projection<Outlets.Outlets> = {
  name: "outlets",
  version: 1,
  ignoresCollectives: true,
  initial: Outlets.initial,
  evolve: Outlets.evolve,
  copy: (state) => state,
}
