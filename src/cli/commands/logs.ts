// annalist logs PROCESS: what a managed process wrote, and with --follow what it writes.

import { Effect, Stream } from "effect"
import { agentOf, bytesOf, get } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { found } from "../oneProcess.ts"
import { quietly, runToEnd } from "../running.ts"
import { say } from "../say.ts"

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(values.get("url"), invocation)
    const { id } = yield* found(agent, operands[0] ?? "")
    const response = yield* get(agent, `/v1/processes/${encodeURIComponent(id)}/logs`, {
      last: values.get("last"),
      follow: switches.has("follow") ? "true" : undefined,
    })
    yield* bytesOf(response).pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => say(terminal, text)),
    )
    return exitCodes.fine
  })
  return runToEnd(program, terminal, { ...quietly, onSignal: exitCodes.fine })
}
