// Everything that can be asked of the agent.

import type { FlowCommand } from "./flows/FlowCommand.ts"
import type { ProcessCommand } from "./processes/ProcessCommand.ts"
import type { TaskCommand } from "./tasks/decide.ts"

export type Command = ProcessCommand | FlowCommand | TaskCommand
