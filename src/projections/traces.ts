// Where in the log the steps of each job lie.

import * as Steps from "../domain/flows/Steps.ts"
import type { Projection } from "./Projection.ts"

export const traces: Projection<Steps.Traces> = {
  name: "traces",
  version: 1,
  ignoresCollectives: true,
  initial: Steps.initial,
  evolve: Steps.evolve,
  copy: Steps.copy,
}
