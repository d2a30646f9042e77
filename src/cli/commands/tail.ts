// annalist tail [URL]: the log of a live agent as it is written, the last few events first.

import { Effect, Stream } from "effect"
import type { StateAnswer } from "../../wire/state.ts"
import { type Agent, agentOf, bytesOf, get, jsonOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { failed, type Failure } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import type { Terminal } from "../Terminal.ts"
import { plain } from "../text.ts"

/** Events from before that are shown when nobody says from where. */
const lookBack = 10

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(operands[0], invocation)
    const from = values.get("from") ?? (yield* lastFew(agent))
    const response = yield* get(agent, "/v1/events", { from, types: values.get("types"), follow: "true" })
    const show = switches.has("json") ? (line: string) => `${line}\n` : (line: string) => readable(line, terminal)
    yield* bytesOf(response).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.filter((line) => line !== ""),
      Stream.runForEach((line) => Effect.promise(() => terminal.out(show(line)))),
    )
    return yield* failed(`${agent.url} ended the stream: the agent is gone, or this reader was too slow for it`)
  })
  return runToEnd(program, terminal, { ...quietly, onSignal: exitCodes.fine })
}

const lastFew = (agent: Agent): Effect.Effect<string, Failure> =>
  Effect.map(Effect.flatMap(get(agent, "/v1/state", {}), jsonOf<StateAnswer>), ({ head }) =>
    String(Math.max(1, head.position - lookBack + 1)),
  )

interface EventLine {
  readonly position: number
  readonly at: string
  readonly type: string
  readonly actor: string
  readonly data: unknown
}

const readable = (line: string, terminal: Terminal): string => {
  let text = line
  try {
    const { position, at, type, actor, data } = JSON.parse(line) as EventLine
    text = `${String(position).padStart(6)} ${at.slice(11, 23)} ${type.padEnd(22)} ${actor.padEnd(12)} ${JSON.stringify(data)}`
  } catch {
    // Shown as it came: a line that is no event is for the reader to judge.
  }
  return `${terminal.outIsTerminal ? plain(text).slice(0, terminal.columns) : plain(text)}\n`
}
