// Every projection of the program, folded side by side.

import { collectives } from "./collectives.ts"
import { flows } from "./flows.ts"
import { processes } from "./processes.ts"
import { samples } from "./samples.ts"
import { traces } from "./traces.ts"

export const all = [processes, samples, collectives, flows, traces]
