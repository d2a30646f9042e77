// Everything that can be asked of the agent.

import type { FlowCommand } from "./flows/FlowCommand.ts"
import type { ProcessCommand } from "./processes/ProcessCommand.ts"

export type Command = ProcessCommand | FlowCommand
