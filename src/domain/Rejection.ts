// Everything that the rules can turn down: each a fact with its fields; the sentence is derived.

import type { FlowRejection } from "./flows/FlowRejection.ts"
import type { ProcessRejection } from "./processes/ProcessRejection.ts"
import type { TaskRejection } from "./tasks/decide.ts"

export type Rejection = ProcessRejection | FlowRejection | TaskRejection
