// Every projection of the program, folded side by side.

import { alerts } from "./alerts.ts"
import { collectives } from "./collectives.ts"
import { flows } from "./flows.ts"
import { hostProcesses } from "./hostProcesses.ts"
import { lastOfType } from "./lastOfType.ts"
import { measures } from "./measures.ts"
import { outlets } from "./outlets.ts"
import { processes } from "./processes.ts"
import { proplets } from "./proplets.ts"
import { samples } from "./samples.ts"
import { taskMetrics } from "./taskMetrics.ts"
import { traces } from "./traces.ts"

export const all = [
  processes,
  samples,
  hostProcesses,
  measures,
  collectives,
  flows,
  traces,
  alerts,
  outlets,
  taskMetrics,
  proplets,
  lastOfType,
]
