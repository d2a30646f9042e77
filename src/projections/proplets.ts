// The proplets of the channel and their metrics.

import * as Proplets from "../domain/tasks/Proplets.ts"
import type { Projection } from "./Projection.ts"

export const proplets: Projection<Proplets.Proplets> = {
  name: "proplets",
  version: 1,
  ignoresCollectives: true,
  initial: Proplets.initial,
  evolve: Proplets.evolve,
  copy: Proplets.copy,
}
