import { describe, expect, it } from "vitest"
import { ProcessId } from "../../../src/domain/Brands.ts"
import type { KnownEvent } from "../../../src/domain/Event.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import type { Verdict } from "../../../src/domain/collectives/Verdict.ts"
import { envelopes, second, start } from "../given.ts"
import { foldAll } from "./score.ts"

const all = [0, 1, 2, 3]
const gap = 1000

interface Part {
  readonly op?: string
  readonly count?: number
  readonly root?: number
  readonly start: number | null
  readonly end?: number | null
}

const record = (tag: "CollectiveStarted" | "CollectiveFinished", rank: number, part: Part): KnownEvent => ({
  _tag: tag,
  reporter: { key: "run", runId: "run", host: "node-3", pid: 4000 + rank },
  communicator: null,
  op: part.op ?? "allreduce",
  rank,
  size: 4,
  startTime: part.start,
  endTime: part.end ?? null,
  filename: "train.cpp",
  seq: null,
  extra: null,
  algorithm: null,
  dataType: "float32",
  count: part.count ?? 64,
  rootRank: part.root ?? -1,
})

const verdictAfter = (seconds: number, events: ReadonlyArray<KnownEvent>): Verdict => {
  const log = envelopes(events, gap)
  return judge(foldAll(log), log.at(-1)!.at + seconds * second)[0]!
}

/** `count` rounds of one operation, each a hundred milliseconds after the other, by the given ranks. */
const rounds = (
  count: number,
  part: (round: number, rank: number) => Omit<Part, "start"> = () => ({}),
  ranks = all,
  from = 1e6,
) =>
  Array.from({ length: count }, (_, round) => {
    const at = from + round * 1e5
    return [
      ...ranks.map((rank) => record("CollectiveStarted", rank, { ...part(round, rank), start: at + 10 * rank })),
      ...ranks.map((rank) =>
        record("CollectiveFinished", rank, { ...part(round, rank), start: at + 10 * rank, end: at + 5000 }),
      ),
    ]
  }).flat()

const onlyStarts = (events: ReadonlyArray<KnownEvent>) => events.filter(({ _tag }) => _tag === "CollectiveStarted")
const onlyFinishes = (events: ReadonlyArray<KnownEvent>) => events.filter(({ _tag }) => _tag === "CollectiveFinished")

describe("reporters' dialects", () => {
  it("that put their own rank where the root belongs disagree about nothing", () => {
    const events = rounds(20, (_, rank) => ({ op: "broadcast", root: rank }))
    expect(verdictAfter(100, events)).toMatchObject({ kind: "healthy", culprits: [] })
  })

  it("that name a root are held to it", () => {
    const events = rounds(20, (round, rank) => ({ op: "broadcast", root: round === 15 && rank === 2 ? 1 : 0 }))
    expect(verdictAfter(100, events)).toMatchObject({
      kind: "mismatch",
      sentence:
        "rank 2 (pid 4002, node-3) called broadcast #16 of train.cpp with root 1, the other 3 ranks with root 0; the job went on",
    })
  })

  it("whose counts differ by habit disagree about nothing", () => {
    const events = rounds(20, (round, rank) => ({ op: "alltoall", count: 100 + rank * 7 + round }))
    expect(verdictAfter(100, events)).toMatchObject({ kind: "healthy", culprits: [] })
  })

  it("that never record an end are not stuck, and a rank that stays away is still named", () => {
    const events = onlyStarts(rounds(20))
    expect(verdictAfter(100, events).kind).toBe("healthy")
    const waiting = [0, 1, 3].map((rank) => record("CollectiveStarted", rank, { start: 9e6 }))
    expect(verdictAfter(100, [...events, ...waiting])).toMatchObject({ kind: "missing_rank", culprits: [{ rank: 2 }] })
  })

  it("that record ends only are healthy", () => {
    expect(verdictAfter(100, onlyFinishes(rounds(60)))).toMatchObject({ kind: "healthy", culprits: [] })
  })

  it("that give no times at all are counted", () => {
    const untimed = rounds(20).map((event): KnownEvent => Object.assign({}, event, { startTime: null, endTime: null }))
    expect(verdictAfter(100, untimed).kind).toBe("healthy")
    const waiting = [0, 1, 3].map((rank) => record("CollectiveStarted", rank, { start: null }))
    expect(verdictAfter(100, [...untimed, ...waiting])).toMatchObject({
      kind: "missing_rank",
      ordinal: 21,
      culprits: [{ rank: 2 }],
    })
  })
})

describe("a reporter that falls silent while the others go on", () => {
  it("is what is missing, not its rank", () => {
    const later = rounds(20, undefined, [0, 1, 3], 1e7)
    const quiet = [...rounds(20), ...later]
    expect(verdictAfter(0, quiet)).toMatchObject({
      kind: "cannot_tell",
      sentence: "cannot tell: the reporter of rank 2 fell silent while the others went on",
      culprits: [],
    })
  })
})

describe("a rank that dies, after which the others come out with an error", () => {
  const booted = (rank: number): ReadonlyArray<KnownEvent> => {
    const process = ProcessId(`p${rank}`)
    const spec = {
      name: `rank${rank}`,
      kind: "process" as const,
      argv: ["rank"] as const,
      workingDirectory: "/",
      env: null,
      user: "u",
      session: null,
      treeId: null,
      host: "node-3",
      logPath: null,
      scriptPath: null,
    }
    return [
      { _tag: "ProcessBootRequested", process, spec },
      { _tag: "ProcessBooted", process, identity: { bootId: "b", pid: 4000 + rank, startTicks: 1 } },
    ]
  }
  const exited = (rank: number, code: number | null, signal: number | null): KnownEvent => ({
    _tag: "ProcessExited",
    process: ProcessId(`p${rank}`),
    code,
    signal,
  })

  it("is named, though nobody waits any more", () => {
    const others = [0, 1, 3]
    const events = [
      ...all.flatMap(booted),
      ...rounds(10),
      ...others.map((rank) => record("CollectiveStarted", rank, { start: 9e6 })),
      exited(2, null, 9),
      ...others.map((rank) => record("CollectiveFinished", rank, { start: 9e6, end: 9.5e6 })),
      ...others.map((rank) => exited(rank, 1, null)),
    ]
    expect(verdictAfter(10, events)).toMatchObject({
      kind: "missing_rank",
      sentence:
        "rank 2 (pid 4002, node-3) never entered allreduce #11 of train.cpp; exited (signal 9); 3 ranks came out of it and 0 ranks did not",
      culprits: [{ rank: 2, label: "exited (signal 9)" }],
    })
  })

  it("is no matter once the job was done", () => {
    const events = [...all.flatMap(booted), ...rounds(10), ...all.map((rank) => exited(rank, rank === 2 ? 1 : 0, null))]
    expect(verdictAfter(10, events)).toMatchObject({ kind: "healthy", culprits: [] })
  })
})

describe("a process paused at one of our own breakpoints", () => {
  it("is named with it", () => {
    const log = envelopes(
      [...rounds(5), ...[0, 1, 3].map((rank) => record("CollectiveStarted", rank, { start: 9e6 }))],
      gap,
    )
    const now = log.at(-1)!.at + 61 * second
    const pausedAt = new Map([[4002, { breakpoint: "double:input", since: start }]])
    const [verdict] = judge({ ...foldAll(log), pausedAt }, now)
    expect(verdict?.culprits[0]?.label).toBe("paused at breakpoint double:input for 61 s")
  })
})
