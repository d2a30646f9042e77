// annalist agent: the live agent, until a signal ends it.

import { Effect } from "effect"
import { runAgent } from "../agent.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { runToEnd } from "../running.ts"
import { load } from "../settings/load.ts"

export const run = async (invocation: Invocation): Promise<number> => {
  const settings = load(invocation)
  if (settings === null) return exitCodes.wrongUsage
  const agent = runAgent(settings, { json: invocation.switches.has("json") })
  return runToEnd(Effect.as(agent, exitCodes.fine), invocation.terminal, {
    format: settings.logFormat,
    level: settings.logLevel,
    onSignal: exitCodes.fine,
  })
}
