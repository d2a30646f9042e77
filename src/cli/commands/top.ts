// annalist top [URL]: the processes of the agent's host that take most, once or again and again.

import { Effect } from "effect"
import type { ProcessListAnswer } from "../../wire/monitor.ts"
import { agentOf, get, textOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { failed } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns } from "../text.ts"

/** As often as the agent looks by default. */
const againSeconds = 3
const clear = "\u001b[H\u001b[2J"

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const once = Effect.gen(function* () {
    const agent = yield* agentOf(operands[0], invocation)
    const asked = { at: values.get("at"), sortBy: values.get("sort"), limit: values.get("limit") }
    const text = yield* Effect.flatMap(get(agent, "/api/processes", asked), textOf)
    const table = yield* Effect.try({
      try: () => tableOf(JSON.parse(text) as ProcessListAnswer),
      catch: () => failed(`${agent.url} answers something else than processes`),
    })
    const shown = switches.has("json") ? `${text}\n` : table
    yield* Effect.promise(() => terminal.out(switches.has("watch") && terminal.outIsTerminal ? clear + shown : shown))
    return exitCodes.fine
  })
  const again = Effect.forever(Effect.zipRight(once, Effect.sleep(againSeconds * 1000)))
  return switches.has("watch")
    ? runToEnd(again, terminal, { ...quietly, onSignal: exitCodes.fine })
    : runToEnd(once, terminal, quietly)
}

const tableOf = ({ timestamp, system_stats: host, processes }: ProcessListAnswer): string => {
  const figures = `cpu ${host.cpu_percent.toFixed(1)} %  memory ${host.memory_percent.toFixed(1)} %`
  const counts = `${host.total_processes} processes, ${host.zombie_count} zombies`
  const head = ["PID", "USER", "CPU %", "MEM %", "MiB", "STATE", "THREADS", "COMMAND"]
  const rows = processes.map((one) => [
    String(one.pid),
    one.username,
    one.cpu_percent.toFixed(1),
    one.memory_percent.toFixed(1),
    one.memory_mb.toFixed(1),
    one.status,
    String(one.num_threads),
    one.cmdline === "" ? `[${one.name}]` : one.cmdline.slice(0, commandMost),
  ])
  return `${timestamp}  ${figures}  ${counts}\n${columns([head, ...rows])}`
}

const commandMost = 60
