// What processes are managed and how they stand.

import * as Processes from "../domain/processes/Processes.ts"
import type { Projection } from "./Projection.ts"

export const processes: Projection<Processes.Processes> = {
  name: "processes",
  version: 2,
  ignoresCollectives: true,
  initial: Processes.initial,
  evolve: Processes.evolve,
  copy: Processes.copy,
}
