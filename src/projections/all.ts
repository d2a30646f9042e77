// Every projection of the program, folded side by side.

import { collectives } from "./collectives.ts"
import { processes } from "./processes.ts"
import { samples } from "./samples.ts"

export const all = [processes, samples, collectives]
