// What the agent gets to hear of a simulated job: records in the reporters' own clocks and dialects, through a network that may lose,
// double and shuffle them, beside what the agent sees of the processes itself.

import { Position, ProcessId } from "../../../src/domain/Brands.ts"
import type { Envelope } from "../../../src/domain/Envelope.ts"
import type { KnownEvent } from "../../../src/domain/Event.ts"
import type { Chance } from "./Chance.ts"
import type { Done, Outcome, World } from "./simulator.ts"

export interface Reporter {
  readonly key: string
  readonly runId: string | null
  readonly host: string | null
  readonly pid: number | null
}

export interface Reporting {
  readonly reporters: ReadonlyArray<Reporter>
  /** Own clock = offset + (1 + drift) · true time. */
  readonly clocks: ReadonlyArray<{ readonly offset: number; readonly drift: number }>
  readonly communicatorIds: ReadonlyArray<string | null>
  readonly latencyMicros: number
  /** What stands for the end in a start's record. */
  readonly openEnd: "zero" | "same" | "absent"
  readonly filenames: boolean
  readonly dataTypes: boolean
  /** Real reporters put their own rank where a root is not asked for. */
  readonly ownRankAsRoot: boolean
  readonly loss: number
  readonly duplication: number
  /** Records are shuffled within windows of so many. */
  readonly shuffleWindow: number
  readonly agentStartsAt: number
  readonly watch: Watch
}

/** What the agent knows of the processes: nothing, their state by sampling, or their life as their parent. */
export type Watch = "nothing" | "samples" | "managed"

export interface Fate {
  readonly process: number
  readonly at: number
  /** The kernel's letter from then on, or how it ended. */
  readonly state: "T" | "S" | { readonly signal: number } | { readonly code: number }
}

/** Wall time (µs) of true time 0. */
export const epoch = 1_700_000_000_000_000

interface Arrival {
  at: number
  readonly event: KnownEvent
}

export const record = (
  world: World,
  outcome: Outcome,
  reporting: Reporting,
  fates: ReadonlyArray<Fate>,
  until: number,
  chance: Chance,
): ReadonlyArray<Envelope> => {
  const records = postsOf(world, outcome, reporting, until, chance)
  const arrivals = disturb(records, reporting, chance)
  for (const seen of observed(world, reporting, fates, until)) arrivals.push(seen)
  arrivals.sort((a, b) => a.at - b.at)
  return arrivals.map(({ at, event }, index) => ({
    position: Position(index + 1),
    at: epoch + Math.round(at),
    mono: Math.round(at),
    actor: "test",
    command: null,
    event,
  }))
}

/** Each process posts its records one after the other; one whose post is slow delays its next. */
const postsOf = (
  world: World,
  outcome: Outcome,
  reporting: Reporting,
  until: number,
  chance: Chance,
): Array<Arrival> => {
  const arrivals: Array<Arrival> = []
  const free = new Map<number, number>()
  const moments = outcome.done.flatMap((done) => [
    { at: done.start, done, finished: false },
    ...(done.end === Infinity ? [] : [{ at: done.end, done, finished: true }]),
  ])
  moments.sort((a, b) => a.at - b.at)
  for (const { at, done, finished } of moments) {
    const latency = reporting.latencyMicros * chance.factor(0.5)
    const arrival = Math.max(free.get(done.process) ?? 0, at + latency)
    free.set(done.process, arrival + 1)
    const frozen = world.frozenAt.get(done.process) ?? Infinity
    if (at > until || at > frozen || arrival < reporting.agentStartsAt) continue
    arrivals.push({ at: arrival, event: eventOf(world, done, finished, reporting) })
  }
  return arrivals
}

const eventOf = (world: World, done: Done, finished: boolean, reporting: Reporting): KnownEvent => {
  const { step, process } = done
  const clock = reporting.clocks[process]!
  const local = (at: number) => Math.round(clock.offset + (1 + clock.drift) * at)
  const startTime = local(done.start)
  const open = reporting.openEnd === "zero" ? 0 : reporting.openEnd === "same" ? startTime : null
  const common = {
    reporter: reporting.reporters[process]!,
    communicator: reporting.communicatorIds[step.communicator] ?? null,
    rank: done.rank,
    size: world.communicators[step.communicator]!.length,
    startTime,
    endTime: finished ? local(done.end) : open,
    filename: reporting.filenames ? step.file : "",
    seq: null,
    extra: null,
  }
  if (step.kind !== "collective") {
    return {
      _tag: finished ? "TransferFinished" : "TransferStarted",
      ...common,
      op: step.kind,
      remoteRank: step.peer,
      bytes: step.bytes,
    }
  }
  const rooted = step.root >= 0
  return {
    _tag: finished ? "CollectiveFinished" : "CollectiveStarted",
    ...common,
    op: step.op,
    algorithm: "ring",
    dataType: reporting.dataTypes ? step.dataType : "unknown",
    count: step.count,
    rootRank: rooted || !reporting.ownRankAsRoot ? step.root : done.rank,
  }
}

const disturb = (arrivals: ReadonlyArray<Arrival>, reporting: Reporting, chance: Chance): Array<Arrival> => {
  const kept: Array<Arrival> = []
  for (const arrival of arrivals) {
    if (chance.next() < reporting.loss) continue
    kept.push(arrival)
    if (chance.next() < reporting.duplication) {
      kept.push({ at: arrival.at + chance.between(1, 50_000), event: arrival.event })
    }
  }
  kept.sort((a, b) => a.at - b.at)
  const { shuffleWindow } = reporting
  if (shuffleWindow <= 1) return kept
  for (let from = 0; from < kept.length; from += shuffleWindow) {
    const window = kept.slice(from, from + shuffleWindow)
    const times = window.map(({ at }) => at)
    for (const [index, arrival] of chance.shuffle(window).entries()) {
      kept[from + index] = { at: times[index]!, event: arrival.event }
    }
  }
  return kept
}

const sampleEvery = 3e6

const observed = (world: World, reporting: Reporting, fates: ReadonlyArray<Fate>, until: number): Array<Arrival> => {
  const seen: Array<Arrival> = []
  if (reporting.watch === "nothing") return seen
  if (reporting.watch === "managed") {
    for (const process of world.programs.keys()) seen.push(...lifeOf(process, reporting, fates, until))
  }
  const from = Math.max(reporting.agentStartsAt, 0)
  for (let at = from + sampleEvery; at <= until; at += sampleEvery)
    seen.push({ at, event: look(world, reporting, fates, at) })
  return seen
}

const lifeOf = (
  process: number,
  reporting: Reporting,
  fates: ReadonlyArray<Fate>,
  until: number,
): ReadonlyArray<Arrival> => {
  const reporter = reporting.reporters[process]!
  if (reporter.pid === null) return []
  const id = ProcessId(`process-${process}`)
  const at = reporting.agentStartsAt
  const spec = {
    name: `rank${process}`,
    kind: "process" as const,
    argv: ["rank"] as const,
    workingDirectory: "/",
    env: null,
    user: "u",
    session: null,
    treeId: null,
    host: reporter.host ?? "node",
    logPath: null,
    scriptPath: null,
  }
  const life: Array<Arrival> = [
    { at, event: { _tag: "ProcessBootRequested", process: id, spec } },
    { at, event: { _tag: "ProcessBooted", process: id, identity: { bootId: "b", pid: reporter.pid, startTicks: 1 } } },
  ]
  for (const fate of fates) {
    if (fate.process !== process || typeof fate.state === "string" || fate.at > until) continue
    const signal = "signal" in fate.state ? fate.state.signal : null
    const code = "code" in fate.state ? fate.state.code : null
    life.push({ at: fate.at, event: { _tag: "ProcessExited", process: id, code, signal } })
  }
  return life
}

const look = (world: World, reporting: Reporting, fates: ReadonlyArray<Fate>, at: number): KnownEvent => {
  const processes = [...world.programs.keys()].flatMap((process) => {
    const { pid } = reporting.reporters[process]!
    let state = "S"
    for (const fate of fates) {
      if (fate.process === process && fate.at <= at) state = typeof fate.state === "string" ? fate.state : "gone"
    }
    if (pid === null || state === "gone") return []
    const counters = { pid, startTicks: 1, parentPid: 1, name: `rank${process}`, state, cpuTicks: 0 }
    return [{ ...counters, residentBytes: 0, virtualBytes: 0, threads: 1, readBytes: null, writtenBytes: null }]
  })
  return { _tag: "SamplesTaken", collector: "processes", takenMicros: at, host: null, processes }
}
