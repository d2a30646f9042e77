// The latest of everything that collectors and processes measured.

import * as Measures from "../domain/samples/Measures.ts"
import type { Projection } from "./Projection.ts"

export const measures: Projection<Measures.Measures> = {
  name: "measures",
  version: 1,
  ignoresCollectives: true,
  initial: Measures.initial,
  evolve: Measures.evolve,
  copy: Measures.copy,
}
