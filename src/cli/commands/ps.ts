// annalist ps [URL]: the managed processes of a live agent, one a line.

import { Effect } from "effect"
import type { ProcessAnswer, ProcessesAnswer } from "../../wire/state.ts"
import { agentOf, get, textOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { failed } from "../Failure.ts"
import { lineOf, livingPid } from "../oneProcess.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, plain, size } from "../text.ts"

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, values, switches, terminal } = invocation
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(operands[0], invocation)
    const asked = { at: values.get("at"), status: values.get("status"), session: values.get("session") }
    const text = yield* Effect.flatMap(get(agent, "/v1/processes", asked), textOf)
    const table = yield* Effect.try({
      try: () => (switches.has("tree") ? treeOf : tableOf)(JSON.parse(text) as ProcessesAnswer),
      catch: () => failed(`${agent.url} answers something else than processes`),
    })
    yield* Effect.promise(() => terminal.out(switches.has("json") ? text : table))
    return exitCodes.fine
  })
  return runToEnd(program, terminal, quietly)
}

const tableOf = ({ processes }: ProcessesAnswer): string =>
  columns([["ID", "NAME", "STATUS", "PID", "CPU %", "MEMORY", "STARTED", "ENDED"], ...processes.map(rowOf)])

/** Sessions, and below each its processes in the order of their first boot. */
const treeOf = ({ processes }: ProcessesAnswer): string => {
  const bySession = new Map<string, Array<ProcessAnswer>>()
  for (const process of processes.toReversed()) {
    const session = process.session ?? "(no session)"
    bySession.set(session, [...(bySession.get(session) ?? []), process])
  }
  const names = new Map(processes.map(({ id, name }) => [id, name]))
  const failureOf = ({ failure = null, session }: ProcessAnswer) => {
    if (failure === null || session === null) return ""
    return failure.kind === "first"
      ? "  ← failed first"
      : `  (after ${names.get(failure.of ?? "") ?? failure.of} failed)`
  }
  const branch = (process: ProcessAnswer, isLast: boolean) =>
    `${isLast ? "└─" : "├─"} ${lineOf(process)}${failureOf(process)}`
  return Array.from(bySession, ([session, all]) =>
    [session, ...all.map((process, index) => branch(process, index === all.length - 1))].map(
      (line) => `${plain(line)}\n`,
    ),
  )
    .flat()
    .join("")
}

const rowOf = (process: ProcessAnswer): ReadonlyArray<string> => [
  process.id,
  process.name,
  process.status,
  shown(livingPid(process)),
  process.cpu_percent === null ? "-" : process.cpu_percent.toFixed(1),
  process.resident_bytes === null ? "-" : size(process.resident_bytes),
  process.started_at ?? "-",
  endOf(process),
]

const endOf = ({ exit_code, exit_signal, reason, ended_at }: ProcessAnswer): string => {
  if (exit_code !== null) return `code ${exit_code}`
  if (exit_signal !== null) return `signal ${exit_signal}`
  return reason ?? ended_at ?? "-"
}

const shown = (value: number | null): string => (value === null ? "-" : String(value))
