// annalist restart PROCESS…: boots managed processes again under their ids.

import { send } from "../client.ts"
import type { Invocation } from "../Command.ts"
import { commanded } from "../oneProcess.ts"

export const run = (invocation: Invocation): Promise<number> =>
  commanded(invocation, (agent, { id }, body) =>
    send(agent, "POST", `/v1/processes/${encodeURIComponent(id)}/restart`, body),
  )
