// The latest samples of the host and of the managed processes.

import * as Samples from "../domain/samples/Samples.ts"
import type { Projection } from "./Projection.ts"

export const samples: Projection<Samples.Samples> = {
  name: "samples",
  version: 1,
  ignoresCollectives: true,
  initial: Samples.initial,
  evolve: Samples.evolve,
  copy: (state) => state,
}
