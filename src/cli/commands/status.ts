// annalist status [URL]: what a live agent is doing, in a few lines.

import { Effect } from "effect"
import type { StateAnswer } from "../../wire/state.ts"
import { agentOf, get, textOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { failed } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, counted, size } from "../text.ts"

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(operands[0], invocation)
    const text = yield* Effect.flatMap(get(agent, "/v1/state", { at: values.get("at") }), textOf)
    const answer = yield* Effect.try({
      try: () => linesOf(agent.url, JSON.parse(text) as StateAnswer),
      catch: () => failed(`${agent.url} answers something else than the state of an agent`),
    })
    yield* Effect.promise(() => terminal.out(switches.has("json") ? text : answer))
    return exitCodes.fine
  })
  return runToEnd(program, terminal, quietly)
}

const kinds = {
  live: "live",
  file: "a recorded session",
  directory: "a recorded data directory",
  replay: "a replay",
} as const

const linesOf = (url: string, state: StateAnswer): string =>
  columns([
    ["node", `${state.node}, ${kinds[state.source]}, at ${url}`],
    ["shown", `position ${state.position}${state.at === null ? "" : `, ${state.at}`}`],
    [
      "log",
      `positions ${state.first.position} to ${state.head.position}, ${size(state.log_bytes)}, id ${state.log_id}`,
    ],
    ["processes", `${state.processes.running} running of ${state.processes.total}`],
    [
      "collectives",
      `${state.collectives.in_flight} in flight, ${counted(state.collectives.communicators, "communicator")}`,
    ],
  ])
