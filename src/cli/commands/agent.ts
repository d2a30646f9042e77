// annalist agent: the live agent, until a signal ends it.

import { Effect } from "effect"
import { type Ready, runAgent } from "../agent.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { runToEnd } from "../running.ts"
import { say } from "../say.ts"
import { load } from "../settings/load.ts"
import { counted } from "../text.ts"

export const run = async (invocation: Invocation): Promise<number> => {
  const settings = load(invocation)
  if (settings === null) return exitCodes.wrongUsage
  const told = invocation.switches.has("json") ? jsonLine : greeting
  const agent = runAgent(settings, (ready) => say(invocation.terminal, told(ready)))
  return runToEnd(Effect.as(agent, exitCodes.fine), invocation.terminal, {
    format: settings.logFormat,
    level: settings.logLevel,
    onSignal: exitCodes.fine,
  })
}

const jsonLine = ({ http, ccl, grpc, dap, adopted, data }: Ready): string =>
  `${JSON.stringify({ ready: true, http, ccl, grpc, dap, data, pid: process.pid, adopted })}\n`

const greeting = ({ http, ccl, grpc, dap, adopted, extra, data }: Ready): string =>
  [
    `annalist is writing down what happens, in ${data}`,
    ...(http === null ? [] : [`  page and API   ${http}`]),
    ...(ccl === null ? [] : [`  collectives    ${ccl}/log_ccl`]),
    ...(grpc === null ? [] : [`  gRPC           ${grpc}`]),
    ...(dap === null ? [] : [`  debug adapter  ${dap}`]),
    ...(extra.length === 0 ? [] : [`  the same at    ${extra.join(" ")}`]),
    ...(adopted === 0
      ? []
      : [`  adopted        ${counted(adopted, "process", "processes")} of an earlier agent; see annalist ps`]),
    "  end with Ctrl-C; processes that it started go on",
    "",
  ].join("\n")
