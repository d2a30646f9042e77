// Every process of the host as the latest look left it, and the processor time that each took since the look before.

import type { Envelope } from "../Envelope.ts"
import type { CounterRow, ProcessDetails, ProcessesSampled, ProcessFacts } from "../events/HostProcessEvents.ts"
import { ticksPerSecond } from "./Samples.ts"

export interface HostProcess {
  facts: ProcessFacts
  state: string
  cpuTicks: number
  residentBytes: number
  threads: number
  /** As the look before counted them; null when that one did not know the process. */
  ticksBefore: number | null
  /** The look that last told of it: an earlier one than the latest means that nothing changed since; 0 for none. */
  look: number
  /** As the last close look saw it; null when there was none. */
  details: ProcessDetails | null
  /** When that was, wall time, µs. */
  inspectedAt: number
}

export interface HostProcesses {
  /** Number of the latest look; 0 before there is one. */
  look: number
  takenMicros: number
  /** Of the look before; null when there is none to compare with. */
  beforeMicros: number | null
  /** Wall time of the latest look, µs. */
  at: number
  total: number
  bootSeconds: number
  readonly rows: Map<number, HostProcess>
}

export const initial = (): HostProcesses => ({
  look: 0,
  takenMicros: 0,
  beforeMicros: null,
  at: 0,
  total: 0,
  bootSeconds: 0,
  rows: new Map(),
})

export const copy = (state: HostProcesses): HostProcesses => ({
  ...state,
  rows: new Map(Array.from(state.rows, ([pid, row]) => [pid, { ...row }])),
})

/** The state handed in is consumed. */
export const evolve = (state: HostProcesses, { event, at }: Envelope): HostProcesses => {
  if (event._tag === "AgentStarted") return initial()
  if (event._tag === "ProcessInspected" && event.seen !== null) inspect(state.rows, event.seen, at)
  return event._tag === "ProcessesSampled" && follows(state, event) ? look(state, event, at) : state
}

/** A look whose predecessor was lost tells nothing reliable: the next whole one does. */
export const follows = (state: { readonly look: number }, event: ProcessesSampled): boolean =>
  event.whole || (state.look > 0 && event.look === state.look + 1)

const look = (state: HostProcesses, event: ProcessesSampled, at: number): HostProcesses => {
  const { rows } = state
  for (const pid of event.ended) rows.delete(pid)
  for (const facts of event.facts) meet(rows, facts)
  for (const row of event.changed) count(rows, row, event.look)
  if (event.whole) for (const [pid, row] of rows) if (row.look !== event.look) rows.delete(pid)
  state.beforeMicros = state.look === 0 ? null : state.takenMicros
  state.look = event.look
  state.takenMicros = event.takenMicros
  state.at = at
  state.total = event.total
  state.bootSeconds = event.bootSeconds
  return state
}

const meet = (rows: Map<number, HostProcess>, facts: ProcessFacts): void => {
  const known = rows.get(facts.pid)
  if (known !== undefined && known.facts.startTicks === facts.startTicks) known.facts = facts
  else {
    const uncounted = { state: "", cpuTicks: 0, residentBytes: 0, threads: 0, ticksBefore: null, look: 0 }
    rows.set(facts.pid, { facts, ...uncounted, details: null, inspectedAt: 0 })
  }
}

const count = (rows: Map<number, HostProcess>, row: CounterRow, look: number): void => {
  const known = rows.get(row[0])
  if (known === undefined) return
  known.ticksBefore = known.look === 0 ? null : known.cpuTicks
  known.look = look
  put(known, row)
}

const put = (known: HostProcess, row: CounterRow): void => {
  known.state = row[1]
  known.cpuTicks = row[2]
  known.residentBytes = row[3]
  known.threads = row[4]
}

/** The counters of one whom the looks know stay as the looks saw them: rates go from look to look. */
const inspect = (
  rows: Map<number, HostProcess>,
  seen: { readonly facts: ProcessFacts; readonly counters: CounterRow; readonly details: ProcessDetails },
  at: number,
): void => {
  meet(rows, seen.facts)
  const known = rows.get(seen.facts.pid)
  if (known === undefined) return
  if (known.look === 0) put(known, seen.counters)
  known.details = seen.details
  known.inspectedAt = at
}

/** Of one core between the last two looks: 100 is one core full, more cores pass it. 0 for one that was seen once only. */
export const cpuPercent = (state: HostProcesses, row: HostProcess): number => {
  if (row.look !== state.look || row.ticksBefore === null || state.beforeMicros === null) return 0
  const seconds = (state.takenMicros - state.beforeMicros) / 1e6
  const ticks = row.cpuTicks - row.ticksBefore
  return seconds <= 0 || ticks < 0 ? 0 : (100 * ticks) / ticksPerSecond / seconds
}

/** Wall time of a process's start, µs. */
export const startedAt = (state: HostProcesses, facts: ProcessFacts): number =>
  (state.bootSeconds + facts.startTicks / ticksPerSecond) * 1e6

export const zombies = (state: HostProcesses): number => {
  let found = 0
  for (const row of state.rows.values()) if (row.state === "Z") found++
  return found
}

/** The processes by parent, for walks down the tree. */
export const childrenByParent = (state: HostProcesses): ReadonlyMap<number, ReadonlyArray<HostProcess>> => {
  const children = new Map<number, Array<HostProcess>>()
  for (const row of state.rows.values()) {
    const siblings = children.get(row.facts.parentPid)
    if (siblings === undefined) children.set(row.facts.parentPid, [row])
    else siblings.push(row)
  }
  return children
}
