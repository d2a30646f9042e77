// Who has to be ready before whom, among the processes of one session: by name.

import type { ProcessSpec } from "../events/ProcessEvents.ts"
import { isAlive, type ManagedProcess, type Processes } from "./Processes.ts"

type Needing = Pick<ProcessSpec, "name" | "session" | "dependsOn">

/** The way from the process back to itself; null when there is none. */
export const cycleWith = (state: Processes, spec: Needing): ReadonlyArray<string> | null => {
  const needs = new Map<string, ReadonlyArray<string>>()
  for (const process of inSession(state, spec.session)) needs.set(process.spec.name, process.spec.dependsOn ?? [])
  needs.set(spec.name, spec.dependsOn ?? [])
  const open: Array<ReadonlyArray<string>> = [[spec.name]]
  const seen = new Set<string>()
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const name of needs.get(path.at(-1) ?? "") ?? []) {
      if (name === spec.name) return [...path, name]
      if (seen.has(name)) continue
      seen.add(name)
      open.push([...path, name])
    }
  }
  return null
}

/** Names that are still waited for. */
export const missingOf = (state: Processes, spec: Needing): ReadonlyArray<string> => {
  const ready = new Set(
    inSession(state, spec.session)
      .filter((process) => isAlive(process) && process.ready)
      .map((process) => process.spec.name),
  )
  return (spec.dependsOn ?? []).filter((name) => !ready.has(name))
}

const inSession = (state: Processes, session: string | null): ReadonlyArray<ManagedProcess> =>
  Array.from(state.byId.values()).filter((process) => process.spec.session === session)
