// annalist flush PROCESS…: drops ended processes and their output.

import { send } from "../client.ts"
import type { Invocation } from "../Command.ts"
import { commanded } from "../oneProcess.ts"

export const run = (invocation: Invocation): Promise<number> =>
  commanded(invocation, (agent, { id }) => send(agent, "DELETE", `/v1/processes/${encodeURIComponent(id)}`))
