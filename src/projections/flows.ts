// What flows there are, and how their jobs stand.

import * as Flows from "../domain/flows/Flows.ts"
import type { Projection } from "./Projection.ts"

export const flows: Projection<Flows.Flows> = {
  name: "flows",
  version: 2,
  ignoresCollectives: true,
  initial: Flows.initial,
  evolve: Flows.evolve,
  copy: Flows.copy,
}
