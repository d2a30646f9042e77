// What the supervisor found again when it began, in a sentence for whoever runs the agent.

import type { ManagedProcess } from "../../domain/processes/Processes.ts"
import { isAlive } from "../../domain/processes/Processes.ts"

/** So many are told by name; the rest by number. */
const namedMost = 20

/** As they stand now, those that were alive when the earlier agent was last heard of. */
export const takeoverOf = (found: ReadonlyArray<ManagedProcess>): string => {
  const living = found.filter(isAlive)
  const ended = found.filter((one) => !isAlive(one))
  const parts = [
    ...(living.length === 0
      ? []
      : [`adopted ${listed(living, ({ identity }) => `pid ${identity?.pid ?? "unknown"}`)}`]),
    ...(ended.length === 0 ? [] : [`recorded the end of ${listed(ended, endOf)}`]),
  ]
  return `of the processes that an earlier agent left, ${parts.join("; ")}`
}

const listed = (processes: ReadonlyArray<ManagedProcess>, detail: (process: ManagedProcess) => string): string => {
  const named = processes.slice(0, namedMost).map((one) => `${one.spec.name} (${detail(one)})`)
  const more = processes.length - named.length
  return `${processes.length}: ${named.join(", ")}${more === 0 ? "" : ` and ${more} more`}`
}

const endOf = ({ code, signal, reason }: ManagedProcess): string => {
  if (code !== null) return `code ${code}`
  if (signal !== null) return `signal ${signal}`
  return reason ?? "nobody can tell how"
}
