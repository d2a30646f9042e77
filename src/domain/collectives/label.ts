// What the rest of the log knows of the process behind a rank: exited, stopped, stuck in the kernel, alive, or unknown.

import { byPid, isAlive, type ManagedProcess, type Processes } from "../processes/Processes.ts"
import type { ProcessSeries, Samples } from "../samples/Samples.ts"
import type { RankProgress } from "./Collectives.ts"

export const labelOf = (
  known: { readonly processes: Processes; readonly samples: Samples },
  progress: RankProgress | undefined,
  now: number,
): string => {
  if (progress === undefined) return "never reported anything"
  if (progress.pid === null) return "its process is not known"
  const managed = byPid(known.processes, progress.pid)
  if (managed !== null && !isAlive(managed)) return endOf(managed)
  const series = known.samples.processes.get(progress.pid)
  return series === undefined ? "its process is not watched here" : stateOf(series, now)
}

const endOf = (process: ManagedProcess): string => {
  if (process.code !== null) return `exited (code ${process.code})`
  if (process.signal !== null) return `exited (signal ${process.signal})`
  return "exited (nobody saw how)"
}

const stateNames: Readonly<Record<string, string>> = {
  T: "stopped (T)",
  t: "stopped by a tracer (t)",
  D: "uninterruptible (D)",
  Z: "a zombie (Z)",
  R: "running (R)",
  S: "sleeping (S)",
}

const stateOf = (series: ProcessSeries, now: number): string => {
  const letter = series.last.counters.state
  const seconds = Math.max(0, Math.floor((now - series.stateSince) / 1e6))
  return `${stateNames[letter] ?? `in state ${letter}`} for ${seconds} s`
}
