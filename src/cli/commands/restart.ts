// annalist restart PROCESS…: boots managed processes again under their ids.

import { send } from "../client.ts"
import type { Invocation } from "../Command.ts"
import { commanded, stopBody } from "../oneProcess.ts"

export const run = (invocation: Invocation): Promise<number> =>
  commanded(invocation, (agent, { id }) =>
    send(agent, "POST", `/v1/processes/${encodeURIComponent(id)}/restart`, stopBody(invocation)),
  )
