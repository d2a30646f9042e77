// annalist boot -- PROGRAM ARG…: boots a process under a live agent.

import { Effect } from "effect"
import type { ProcessAnswer } from "../../wire/state.ts"
import { agentOf, jsonOf, send } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { wrongUsage } from "../Failure.ts"
import { lineOf } from "../oneProcess.ts"
import { quietly, runToEnd } from "../running.ts"
import { say } from "../say.ts"

export const run = (invocation: Invocation): Promise<number> => {
  const { values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(values.get("url"), invocation)
    const body = yield* bodyOf(invocation)
    const booted = yield* Effect.flatMap(send(agent, "POST", "/v1/processes", body), jsonOf<ProcessAnswer>)
    yield* say(terminal, switches.has("json") ? `${JSON.stringify(booted)}\n` : `${lineOf(booted)}\n`)
    return exitCodes.fine
  })
  return runToEnd(program, terminal, quietly)
}

const bodyOf = ({ values, operands }: Invocation) =>
  Effect.gen(function* () {
    const env: Record<string, string> = {}
    for (const pair of (values.get("env") ?? "").split(",").filter((one) => one !== "")) {
      const equals = pair.indexOf("=")
      if (equals < 1) return yield* wrongUsage(`--env takes NAME=VALUE, several with commas; "${pair}" is none`)
      env[pair.slice(0, equals)] = pair.slice(equals + 1)
    }
    const script = values.get("script")
    if ((script === undefined) === (operands.length === 0)) {
      return yield* wrongUsage("say either -- PROGRAM ARG… or --script FILE")
    }
    const texts = { name: "name", session: "session", directory: "working_directory", log: "log_path" } as const
    const named = Object.entries(texts).flatMap(([flag, field]) => {
      const value = values.get(flag)
      return value === undefined ? [] : [[field, value] as const]
    })
    const when = values.get("restart")
    const hosts = values.get("hosts")?.split(",")
    const after = values.get("after")?.split(",")
    return {
      ...Object.fromEntries(named),
      ...(script === undefined ? { argv: operands } : { script_path: script }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
      ...(when === undefined ? {} : { restart: { when } }),
      ...(hosts === undefined ? {} : { hosts }),
      ...(after === undefined ? {} : { depends_on: after }),
    }
  })
