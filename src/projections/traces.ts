// Where in the log the steps of each job lie.

import * as Trace from "../domain/flows/Trace.ts"
import type { Projection } from "./Projection.ts"

export const traces: Projection<Trace.Traces> = {
  name: "traces",
  version: 1,
  initial: Trace.initial,
  evolve: Trace.evolve,
  copy: Trace.copy,
}
