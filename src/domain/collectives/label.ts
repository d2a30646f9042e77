// What the rest of the log knows of the process behind a rank: exited, stopped, stuck in the kernel, busy, idle, its host silent, or
// paused at one of our own breakpoints.

import { byPid, isAlive, type ManagedProcess, type Processes } from "../processes/Processes.ts"
import { processCpuPercent, type ProcessSeries, type Samples } from "../samples/Samples.ts"
import { type Examined, examinedWords } from "./examined.ts"
import type { Seat } from "./Seat.ts"

export interface Known {
  readonly processes: Processes
  readonly samples: Samples
  readonly collectives?: { readonly examined: ReadonlyMap<number, Examined> }
  /** By pid: the breakpoint that a process waits at, and since when (wall, µs). Filled by whoever folds the debugger's events. */
  readonly pausedAt?: ReadonlyMap<number, { readonly breakpoint: string; readonly since: number }>
}

/** What a label proves: that the process cannot go on, that it ended as it should, or nothing. */
export type Proof = "cannot_go_on" | "ended_well" | "none"

export interface Label {
  readonly text: string
  readonly proof: Proof
  /** Wall time of an end that nobody asked for, µs. */
  readonly endedAt: number | null
}

const says = (text: string, proof: Proof = "none", endedAt: number | null = null): Label => ({ text, proof, endedAt })

export const labelOf = (known: Known, seat: Seat | null, now: number): Label => {
  if (seat === null) return says("never reported anything")
  if (seat.pid === null) return says("its process is not known")
  const paused = known.pausedAt?.get(seat.pid)
  if (paused !== undefined) {
    return says(`paused at breakpoint ${paused.breakpoint} for ${seconds(now - paused.since)} s`, "cannot_go_on")
  }
  const managed = byPid(known.processes, seat.pid)
  if (managed !== null && !isAlive(managed)) return endOf(managed)
  const series = known.samples.processes.get(seat.pid)
  if (series !== undefined) return stateOf(series, now)
  const examined = known.collectives?.examined.get(seat.pid)
  if (examined !== undefined && examined.at >= seat.lastArrival) return ofExamined(examined)
  return says("its process is not watched here")
}

/** Nobody watches it, but it was looked at since it was heard of last. */
const ofExamined = (examined: Examined): Label => {
  const proof = examined.state === null ? "cannot_go_on" : (stateNames[examined.state]?.[1] ?? "none")
  return says(examinedWords(examined), proof)
}

const endOf = (process: ManagedProcess): Label => {
  const endedAt = process.stop === null ? process.endedAt : null
  if (process.code !== null) {
    return says(`exited (code ${process.code})`, process.code === 0 ? "ended_well" : "cannot_go_on", endedAt)
  }
  const how = process.signal === null ? "exited (nobody saw how)" : `exited (signal ${process.signal})`
  return says(how, "cannot_go_on", endedAt)
}

const stateNames: Readonly<Record<string, readonly [name: string, proof: Proof]>> = {
  T: ["stopped (T)", "cannot_go_on"],
  t: ["stopped by a tracer (t)", "cannot_go_on"],
  D: ["uninterruptible (D)", "none"],
  Z: ["a zombie (Z)", "cannot_go_on"],
  X: ["dead (X)", "cannot_go_on"],
}

/** Below so much of one core, a process that sleeps is idle; above, it is busy. */
const busyPercent = 20

const stateOf = (series: ProcessSeries, now: number): Label => {
  const letter = series.last.counters.state
  const since = `for ${seconds(now - series.stateSince)} s`
  const named = stateNames[letter]
  if (named !== undefined) return says(`${named[0]} ${since}`, named[1])
  const cpu = processCpuPercent(series)
  const used = cpu === null ? "" : `, ${Math.round(cpu)} % of a core`
  const busy = cpu === null ? letter === "R" : cpu >= busyPercent
  if (busy) return says(`busy (${letter}${used}) ${since}`)
  return letter === "S" || letter === "I"
    ? says(`idle (${letter}${used}) ${since}`)
    : says(`in state ${letter} ${since}`)
}

const seconds = (micros: number): number => Math.max(0, Math.floor(micros / 1e6))
