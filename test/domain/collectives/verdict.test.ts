import { describe, expect, it } from "vitest"
import { ProcessId } from "../../../src/domain/Brands.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import * as Collectives from "../../../src/domain/collectives/Collectives.ts"
import type { KnownEvent } from "../../../src/domain/Event.ts"
import * as Processes from "../../../src/domain/processes/Processes.ts"
import * as Samples from "../../../src/domain/samples/Samples.ts"
import { fold, second, start } from "../given.ts"

interface Part {
  readonly startTime?: number
  readonly size?: number
  readonly op?: string
  readonly pid?: number
  readonly run?: string
}

const record = (tag: "CollectiveStarted" | "CollectiveFinished", rank: number, part: Part = {}): KnownEvent => ({
  _tag: tag,
  reporter: { key: `r${rank}`, runId: part.run ?? "run", host: "node-3", pid: part.pid ?? 4000 + rank },
  communicator: null,
  op: part.op ?? "allreduce",
  rank,
  size: part.size ?? 4,
  startTime: part.startTime ?? 100,
  endTime: null,
  filename: "allreduce.cpp",
  seq: null,
  extra: null,
  algorithm: "ring",
  dataType: "float32",
  count: 1024,
  rootRank: -1,
})

const enters = (rank: number, part?: Part) => record("CollectiveStarted", rank, part)
const leaves = (rank: number, part?: Part) => record("CollectiveFinished", rank, part)
const all = [0, 1, 2, 3]
const round = (startTime: number): ReadonlyArray<KnownEvent> => [
  ...all.map((rank) => enters(rank, { startTime })),
  ...all.map((rank) => leaves(rank, { startTime })),
]

/** Everything arrives a millisecond apart; judged `seconds` after the last arrival. */
const verdictAfter = (seconds: number, events: ReadonlyArray<KnownEvent>) => {
  const gap = 1000
  const verdicts = judge(
    {
      collectives: fold(Collectives, events, gap),
      processes: fold(Processes, events, gap),
      samples: fold(Samples, events, gap),
    },
    start + (events.length - 1) * gap + seconds * second,
  )
  return verdicts[0]
}

describe("the verdict on collectives", () => {
  it("cannot tell before anything was reported", () => {
    expect(verdictAfter(0, [])).toMatchObject({
      kind: "cannot_tell",
      sentence: "no collective operation has been reported yet",
    })
  })

  it("names the rank that never came, once the limit is over", () => {
    const events = [...round(1), ...round(2), enters(0), enters(1), enters(3)]
    expect(verdictAfter(59, events)).toMatchObject({ kind: "healthy", culprits: [] })
    expect(verdictAfter(60, events)).toMatchObject({
      kind: "missing_rank",
      sentence:
        "rank 2 (pid 4002, node-3) never entered allreduce #3 of allreduce.cpp; its process is not watched here; 3 ranks wait",
      culprits: [{ rank: 2, pid: 4002, host: "node-3" }],
      waiting: [0, 1, 3],
      ordinal: 3,
    })
  })

  it("names a rank that nobody ever heard of, with less confidence", () => {
    const verdict = verdictAfter(100, [enters(0), enters(1), enters(2)])
    expect(verdict?.sentence).toBe(
      "rank 3 never entered allreduce #1 of allreduce.cpp; never reported anything; 3 ranks wait",
    )
    expect(verdict?.confidence).toBeLessThan(0.9)
    expect(verdict?.missingEvidence).toEqual(["any record of rank 3"])
  })

  it("names nobody when all have entered and none leaves", () => {
    expect(verdictAfter(1000, [...round(1), ...all.map((rank) => enters(rank))])).toMatchObject({
      kind: "stuck_together",
      sentence: "all 4 ranks came to allreduce #2 of allreduce.cpp, and for 1000 s it has not come to its end",
      culprits: [],
    })
  })

  it("takes a repeated record for what it is", () => {
    const events = [...round(1), ...round(1), enters(0), enters(0), enters(1), enters(3)]
    expect(verdictAfter(61, events)).toMatchObject({ ordinal: 2, culprits: [{ rank: 2 }] })
  })

  it("forgives: a late rank that arrives makes it healthy again", () => {
    const late = (seconds: number, more: ReadonlyArray<KnownEvent>) => {
      const early = [...round(1), enters(0), enters(1), enters(3)]
      const ticks = Array.from({ length: 61_000 }, (): KnownEvent => ({ _tag: "Ticked" }))
      return verdictAfter(seconds, [...early, ...ticks, ...more])?.kind
    }
    expect(late(0, [])).toBe("missing_rank")
    expect(late(5, [enters(2)])).toBe("healthy")
    expect(late(61, [enters(2)])).toBe("stuck_together")
    expect(late(61, [enters(2), ...all.map((rank) => leaves(rank))])).toBe("healthy")
  })

  it("keeps runs and sizes apart", () => {
    const events = [...round(1), enters(0, { run: "other" }), enters(0, { size: 2, startTime: 7 })]
    const verdict = verdictAfter(61, events)
    expect(verdict?.kind).toBe("missing_rank")
    expect(["other/4", "run/2"]).toContain(verdict?.communicator?.id)
  })

  it("says how the process behind the rank ended", () => {
    const process = ProcessId("p")
    const events: ReadonlyArray<KnownEvent> = [
      {
        _tag: "ProcessBootRequested",
        process,
        spec: {
          name: "rank2",
          kind: "process",
          argv: ["rank2"],
          workingDirectory: "/",
          env: null,
          user: "u",
          session: null,
          treeId: null,
          host: "node-3",
          logPath: null,
          scriptPath: null,
        },
      },
      { _tag: "ProcessBooted", process, identity: { bootId: "b", pid: 4002, startTicks: 1 } },
      ...round(1),
      { _tag: "ProcessExited", process, code: null, signal: 9 },
      enters(0),
      enters(1),
      enters(3),
    ]
    expect(verdictAfter(61, events)?.culprits[0]?.label).toBe("exited (signal 9)")
  })

  it("says for how long the process behind the rank has been stopped", () => {
    const sample = (state: string): KnownEvent => ({
      _tag: "SamplesTaken",
      collector: "processes",
      takenMicros: 0,
      host: null,
      processes: [
        {
          pid: 4002,
          startTicks: 1,
          parentPid: 1,
          name: "rank2",
          state,
          cpuTicks: 0,
          residentBytes: 0,
          virtualBytes: 0,
          threads: 1,
          readBytes: null,
          writtenBytes: null,
        },
      ],
    })
    const events = [...round(1), sample("R"), enters(0), sample("T"), enters(1), enters(3), sample("T")]
    expect(verdictAfter(83, events)?.sentence).toBe(
      "rank 2 (pid 4002, node-3) never entered allreduce #2 of allreduce.cpp; stopped (T) for 83 s; 3 ranks wait",
    )
  })

  it("is judged by the hang limit that was in force when it was recorded", () => {
    const started: KnownEvent = {
      _tag: "AgentStarted",
      bootId: "b",
      host: "h",
      pid: 1,
      version: "0",
      hangLimitMillis: 5000,
    }
    expect(verdictAfter(5, [started, enters(0)])?.kind).toBe("missing_rank")
    expect(verdictAfter(4, [started, enters(0)])?.kind).toBe("healthy")
  })

  it("stays bounded under ten thousand communicators", () => {
    const events = Array.from({ length: 10_000 }, (_, index) => enters(0, { run: `run-${index}` }))
    expect(fold(Collectives, events, 1).communicators.size).toBeLessThanOrEqual(1024)
  })

  it("ignores ranks outside their communicator", () => {
    expect(fold(Collectives, [enters(9), enters(0, { size: 1e9 })], 1).communicators.size).toBe(0)
  })
})
