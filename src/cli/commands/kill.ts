// annalist kill PROCESS…: ends managed processes and everything that they started.

import { send } from "../client.ts"
import type { Invocation } from "../Command.ts"
import { commanded } from "../oneProcess.ts"

export const run = (invocation: Invocation): Promise<number> =>
  commanded(invocation, (agent, { id }, body) =>
    send(agent, "POST", `/v1/processes/${encodeURIComponent(id)}/kill`, body),
  )
