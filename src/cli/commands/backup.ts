// annalist backup DIR: a live agent's log, copied into a new data directory.

import { resolve } from "node:path"
import { Effect } from "effect"
import { agentOf, jsonOf, post } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { quietly, runToEnd } from "../running.ts"
import { plain, size } from "../text.ts"

interface Answer {
  readonly directory: string
  readonly head: number
  readonly bytes: number
}

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, switches, terminal, values } = invocation
  const [folder = ""] = operands
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(values.get("url"), invocation)
    const response = yield* post(agent, "/v1/backup", { directory: resolve(folder) })
    const made = yield* jsonOf<Answer>(response)
    const text = switches.has("json")
      ? JSON.stringify(made)
      : `${plain(made.directory)} holds the log up to position ${made.head}, ${size(made.bytes)}`
    yield* Effect.promise(() => terminal.out(`${text}\n`))
    return exitCodes.fine
  })
  return runToEnd(program, terminal, quietly)
}
