// Events as a busy host makes them: eight ranks that report each operation twice, samples of its processes, and a few acts.

import { Effect } from "effect"
import { ProcessId } from "../src/domain/Brands.ts"
import { type KnownEvent, laneOf } from "../src/domain/Event.ts"
import type { ProcessCounters } from "../src/domain/events/SampleEvents.ts"
import type { EventLog } from "../src/log/EventLog.ts"

const RANKS = 8
const ops = ["allreduce", "allgather", "reduce_scatter", "broadcast"] as const
const counts = [1024, 4096, 65_536, 1_048_576] as const

/** The same seed gives the same events: figures of different days can be compared. */
export const randoms =
  (seed: number) =>
  (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }

export const collectives = (count: number, seed = 1): ReadonlyArray<KnownEvent> => {
  const random = randoms(seed)
  const events: Array<KnownEvent> = []
  let clock = 1_700_000_000_000_000
  for (let seq = 0; events.length < count; seq++) {
    const op = ops[seq % ops.length] ?? "allreduce"
    const elements = counts[random(counts.length)] ?? 1024
    const starts = Array.from({ length: RANKS }, (_, rank) => clock + rank * 1_000_003 + random(300))
    // Nobody leaves before the last has come, and then all leave within microseconds.
    const over = clock + 800 + random(2000)
    const ends = starts.map((_, rank) => over + rank * 1_000_003 + random(20))
    for (const tag of ["CollectiveStarted", "CollectiveFinished"] as const) {
      for (const [rank, startTime] of starts.entries()) {
        events.push({
          _tag: tag,
          reporter: { key: `run-1:${rank}`, runId: "run-1", host: `node-${rank >> 2}`, pid: 4000 + rank },
          communicator: "0x7f00aa",
          op,
          rank,
          size: RANKS,
          startTime,
          endTime: tag === "CollectiveStarted" ? null : (ends[rank] ?? null),
          filename: "train.py",
          seq,
          extra: null,
          algorithm: "ring",
          dataType: "float32",
          count: elements,
          rootRank: op === "broadcast" ? 0 : null,
        })
      }
    }
    clock += 3000 + random(1000)
  }
  return events.slice(0, count)
}

export const sample = (look: number, processes: number): KnownEvent => ({
  _tag: "SamplesTaken",
  collector: "host",
  takenMicros: 5_000_000 + look * 3_000_000,
  host: {
    cpuBusyTicks: 1000 + look * 411,
    cpuTotalTicks: 2000 + look * 600,
    cpuCores: 2,
    cpuThreads: 2,
    memoryTotalBytes: 24 * 2 ** 30,
    memoryFreeBytes: 8 * 2 ** 30 - look * 4096 * 17,
    memoryAvailableBytes: 16 * 2 ** 30 - look * 4096 * 11,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
    load1: 0.52 + (look % 7) / 100,
    load5: 0.4,
    load15: 0.31,
    uptimeSeconds: 1000 + look * 3,
    processCount: processes,
  },
  processes: Array.from({ length: processes }, (_, index) => processAt(index, look)),
})

const processAt = (index: number, look: number): ProcessCounters => ({
  pid: 100 + index * 3,
  startTicks: 2000 + index * 57,
  parentPid: index === 0 ? 1 : 100,
  name: `worker-${index % 20}`,
  state: "S",
  cpuTicks: 500 + index * 7 + (index % 4 === 0 ? look : 0),
  residentBytes: 4096 * (3000 + index * 31 + (index % 5 === 0 ? look % 9 : 0)),
  virtualBytes: 4096 * (30_000 + index * 310),
  threads: 1 + (index % 4),
  readBytes: 4096 * index,
  writtenBytes: index % 3 === 0 ? null : 512 * look,
})

/** Of a hundred events ninety collectives, nine acts about fifty processes, and one look at the host and twenty of its processes. */
export const mixed = (count: number): ReadonlyArray<KnownEvent> => {
  const reported = collectives(count)
  let next = 0
  return Array.from({ length: count }, (_, index): KnownEvent => {
    if (index % 100 === 0) return sample(index / 100, 20)
    if (index % 11 === 1) return life(index)
    return reported[next++] as KnownEvent
  })
}

/** A process boots, takes a signal and ends, again and again. */
const life = (index: number): KnownEvent => {
  const process = ProcessId(`worker-${Math.floor(index / 44) % 50}`)
  switch (Math.floor(index / 11) % 4) {
    case 0:
      return { _tag: "ProcessBootRequested", process, spec: specOf(process) }
    case 1:
      return {
        _tag: "ProcessBooted",
        process,
        identity: { bootId: "boot", pid: 5000 + (index % 997), startTicks: index },
      }
    case 2:
      return { _tag: "ProcessSignalled", process, signal: "SIGTERM" }
    default:
      return { _tag: "ProcessExited", process, code: null, signal: 15 }
  }
}

const specOf = (name: string): Extract<KnownEvent, { _tag: "ProcessBootRequested" }>["spec"] => ({
  name,
  kind: "process",
  argv: ["python3", "train.py", "--epochs", "3"],
  workingDirectory: "/srv/job",
  env: { PATH: "/usr/bin", RANK: "[redacted]" },
  user: "worker",
  session: null,
  treeId: null,
  host: "node-0",
  logPath: null,
  scriptPath: null,
})

export const act = (index: number): KnownEvent => ({
  _tag: "RefusalsCounted",
  count: index,
  windowMillis: 1000,
})

/** A log of `mixed`, written as busy reporters and the agent itself would. */
export const writeMixed = async (log: typeof EventLog.Service, count: number): Promise<void> => {
  const events = mixed(count)
  for (let from = 0; from < count; from += 2048) {
    const slice = events.slice(from, from + 2048)
    const batches = (["telemetry", "action"] as const).map((lane) => ({
      actor: "uid:0",
      command: null,
      events: slice.filter((event) => laneOf(event) === lane),
    }))
    await Effect.runPromise(Effect.forEach(batches, (batch) => log.append(batch), { concurrency: 2 }))
  }
}
