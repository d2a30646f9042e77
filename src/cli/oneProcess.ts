// The commands that are about one managed process: found by its id, by the beginning of it, or by its name.

import { Effect } from "effect"
import type { ProcessAnswer, ProcessesAnswer } from "../wire/state.ts"
import { type Agent, agentOf, get, jsonOf, type send } from "./client.ts"
import { exitCodes, type Invocation } from "./Command.ts"
import { failed, type Failure, wrongUsage } from "./Failure.ts"
import { quietly, runToEnd } from "./running.ts"
import { say } from "./say.ts"
import { counted } from "./text.ts"

/** Beginnings shorter than this are taken for names. */
const beginningChars = 4

export const found = (agent: Agent, word: string): Effect.Effect<ProcessAnswer, Failure> =>
  Effect.gen(function* () {
    const { processes } = yield* Effect.flatMap(get(agent, "/v1/processes", {}), jsonOf<ProcessesAnswer>)
    const exact = processes.find(({ id }) => id === word)
    if (exact !== undefined) return exact
    const named = processes.filter(
      ({ id, name }) => name === word || (word.length >= beginningChars && id.startsWith(word)),
    )
    const [only] = named
    if (only === undefined) return yield* failed(`no process is called ${word}; annalist ps lists them`)
    if (named.length === 1) return only
    return yield* failed(`${counted(named.length, "process", "processes")} are called ${word}; say which by its id`)
  })

/** Asks one command of each named process, and says how each stands after it. */
export const commanded = (
  invocation: Invocation,
  ask: (agent: Agent, process: ProcessAnswer, body: object) => ReturnType<typeof send>,
): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const body = yield* stopBody(invocation)
    const agent = yield* agentOf(values.get("url"), invocation)
    for (const word of operands) {
      const process = yield* found(agent, word)
      const after = yield* Effect.flatMap(ask(agent, process, body), jsonOf<ProcessAnswer>)
      yield* say(terminal, switches.has("json") ? `${JSON.stringify(after)}\n` : `${lineOf(after)}\n`)
    }
    return exitCodes.fine
  })
  return runToEnd(program, terminal, quietly)
}

/** While it lives: after its end the number may be another's. */
export const livingPid = ({ pid, ended_at }: ProcessAnswer): number | null => (ended_at === null ? pid : null)

export const lineOf = (process: ProcessAnswer): string => {
  const { id, name, status, exit_code, exit_signal, reason } = process
  const pid = livingPid(process)
  const end = exit_code !== null ? `, code ${exit_code}` : exit_signal === null ? "" : `, signal ${exit_signal}`
  return `${id} ${name}: ${status}${pid === null ? "" : `, pid ${pid}`}${end}${reason === null ? "" : `: ${reason}`}`
}

/** The body of a stop, as the flags say it. */
const stopBody = ({ values }: Invocation): Effect.Effect<object, Failure> => {
  const signal = values.get("signal")
  const grace = values.get("grace")
  const seconds = Number(grace ?? 0)
  if (grace === "" || Number.isNaN(seconds)) return wrongUsage(`--grace takes a number of seconds; "${grace}" is none`)
  return Effect.succeed({
    ...(signal === undefined ? {} : { signal: /^\d|^SIG/.test(signal) ? signal : `SIG${signal}` }),
    ...(grace === undefined ? {} : { grace_seconds: seconds }),
  })
}
