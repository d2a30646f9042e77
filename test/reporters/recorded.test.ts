// The recorded faults hold what they claim: intact files, four ranks, and in each the trace of its fault. What the rules make of them is
// tested where the rules are.

import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { kindsWorstFirst } from "../../src/domain/collectives/Verdict.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import { root } from "../program.ts"

interface Claim {
  readonly fault: string
  readonly file: string
  readonly verdicts: ReadonlyArray<string>
  readonly culprits: ReadonlyArray<number>
  readonly injected: string
  readonly gloo: string
}

interface Operation {
  readonly op: string
  readonly rank: number
  readonly size: number
  readonly communicator: string
  readonly count?: number
  readonly dataType?: string
  readonly rootRank?: number
  readonly remoteRank?: number
  readonly startTime: number
  readonly seq: number
  readonly filename: string
  readonly extra: { readonly error?: string; readonly dropped?: number } | null
  readonly reporter: { readonly host: string; readonly pid: number; readonly runId: string }
}

interface Line {
  readonly position: number
  readonly mono: number
  readonly type: string
  readonly data: Operation & { readonly processes?: ReadonlyArray<{ readonly pid: number; readonly state: string }> }
}

const folder = join(root, "fixtures", "sessions")
const claims = (
  JSON.parse(readFileSync(join(folder, "torch-faults.json"), "utf8")) as { sessions: ReadonlyArray<Claim> }
).sessions
const culprit = 2
const maxBytes = 60_000

const linesOf = (file: string): ReadonlyArray<Line> =>
  gunzipSync(readFileSync(join(folder, file)))
    .toString()
    .trimEnd()
    .split("\n")
    .slice(1, -1)
    .map((line) => JSON.parse(line) as Line)

const isRecord = ({ type }: Line): boolean => /^(Collective|Transfer)(Started|Finished)$/.test(type)

class Recording {
  readonly lines: ReadonlyArray<Line>
  readonly records: ReadonlyArray<Line>

  constructor(fault: string) {
    this.lines = linesOf(`torch-${fault}.ndjson.gz`)
    this.records = this.lines.filter(isRecord)
  }

  of(rank: number, op?: string): ReadonlyArray<Line> {
    return this.records.filter(
      ({ data }) => data.size === 4 && data.rank === rank && (op === undefined || data.op === op),
    )
  }

  /** Operations of a rank in the world that have a start and no finish. */
  open(rank: number): ReadonlyArray<string> {
    const finished = new Set(this.of(rank).flatMap(({ type, data }) => (type.endsWith("Finished") ? [data.seq] : [])))
    const open = this.of(rank).filter(({ data }) => !finished.has(data.seq))
    return Array.from(new Map(open.map(({ data }) => [data.seq, data.op])).values())
  }

  /** Kinds of collective in the order in which the rank called them. */
  sequence(rank: number): ReadonlyArray<string> {
    const bySeq = new Map(
      this.of(rank).flatMap(({ type, data }) => (type.startsWith("Collective") ? [[data.seq, data.op] as const] : [])),
    )
    return Array.from(bySeq)
      .toSorted(([a], [b]) => a - b)
      .map(([, op]) => op)
  }

  pidOf(rank: number): number {
    return this.of(rank)[0]?.data.reporter.pid ?? Number.NaN
  }

  /** The states in which the agent saw the process of a rank, the latest last. */
  statesOf(rank: number): ReadonlyArray<string> {
    const pid = this.pidOf(rank)
    return this.lines.flatMap(
      ({ data }) => data.processes?.filter((one) => one.pid === pid).map(({ state }) => state) ?? [],
    )
  }

  errors(rank: number): ReadonlyArray<string> {
    return this.of(rank).flatMap(({ data }) => data.extra?.error ?? [])
  }

  hasGaps(): boolean {
    return [0, 1, 2, 3].some((rank) => {
      const seen = this.records
        .filter(({ data }) => data.reporter.pid === this.pidOf(rank))
        .map(({ data, type }) => `${data.seq}${type}`)
      const last = Math.max(...this.of(rank).map(({ data }) => data.seq))
      return new Set(seen).size < 2 * (last - 1)
    })
  }

  repeats(): number {
    return (
      this.records.length -
      new Set(this.records.map(({ type, data }) => `${data.reporter.pid} ${data.seq} ${type}`)).size
    )
  }

  /** Own clock less the agent's at the first arrival, seconds: the same for all on one host unless somebody's is off. */
  clockOffset(rank: number): number {
    const [first] = this.of(rank)
    return first === undefined ? Number.NaN : Math.round((first.data.startTime - first.mono) / 1e6)
  }
}

const others = [0, 1, 3]
const allEnded = (recording: Recording) => expect([0, 1, 2, 3].flatMap((rank) => recording.open(rank))).toEqual([])
const othersWait = (recording: Recording) =>
  expect(others.map((rank) => recording.open(rank))).toEqual(others.map(() => ["allreduce"]))
const stopped = (recording: Recording) => {
  othersWait(recording)
  expect(recording.open(culprit)).toEqual([])
  expect(recording.statesOf(culprit).at(-1)).toBe("T")
}

const traces: Readonly<Record<string, (recording: Recording) => void>> = {
  healthy: allEnded,
  sigstop: stopped,
  "kill-9": (recording) => {
    othersWait(recording)
    for (const rank of others) expect(recording.errors(rank)[0]).toMatch(/closed by peer|reset by peer/)
    expect(recording.open(culprit)).toEqual([])
  },
  "kill-9-inside": (recording) => {
    expect([0, 1, 2, 3].map((rank) => recording.open(rank))).toEqual([0, 1, 2, 3].map(() => ["allreduce"]))
    expect(recording.errors(culprit)).toEqual([])
    expect(recording.errors(3)).toHaveLength(1)
  },
  sleep: (recording) => {
    othersWait(recording)
    expect(recording.statesOf(culprit).at(-1)).toBe("S")
  },
  busy: (recording) => {
    othersWait(recording)
    expect(recording.statesOf(culprit).at(-1)).toBe("R")
  },
  "one-pause": allEnded,
  slow: (recording) => {
    allEnded(recording)
    expect(recording.sequence(culprit).length).toBeGreaterThanOrEqual(128)
  },
  "wrong-count": (recording) => {
    expect(recording.of(culprit, "allreduce").at(-1)?.data.count).toBe(1000)
    expect(new Set(recording.of(0, "allreduce").map(({ data }) => data.count))).toEqual(new Set([1024]))
  },
  "wrong-dtype": (recording) => {
    allEnded(recording)
    expect(recording.of(culprit, "allreduce").filter(({ data }) => data.dataType === "int32")).toHaveLength(2)
  },
  "wrong-size-dtype": (recording) => {
    expect(recording.of(culprit, "allreduce").at(-1)?.data.dataType).toBe("float64")
  },
  "wrong-root": (recording) => {
    expect(recording.of(culprit, "broadcast").at(-1)?.data.rootRank).toBe(2)
    expect(recording.of(0, "broadcast").at(-1)?.data.rootRank).toBe(0)
  },
  "skipped-op": (recording) => {
    othersWait(recording)
    expect(recording.sequence(0).slice(-2)).toEqual(["allreduce", "allreduce"])
    expect(recording.sequence(culprit).slice(-2)).toEqual(["allreduce", "broadcast"])
    expect(recording.open(culprit)).toEqual(["broadcast"])
  },
  "extra-op": (recording) => {
    expect(recording.open(culprit)).toEqual(["allreduce"])
    expect(recording.sequence(culprit).slice(-2)).toEqual(["allreduce", "allreduce"])
    expect(recording.open(0)).toEqual(["broadcast"])
  },
  "skipped-op-of-two": (recording) => {
    // It waits in the pair's allreduce for rank 3, who waits in the world's for it.
    expect(recording.open(culprit)).toEqual([])
    expect(recording.open(3)).toEqual(["allreduce"])
    const pair = recording.records.filter(
      ({ data }) => data.size === 2 && data.reporter.pid === recording.pidOf(culprit),
    )
    expect(pair.at(-1)?.type).toBe("CollectiveStarted")
  },
  "swapped-transfers": (recording) => {
    expect([2, 3].map((rank) => recording.open(rank))).toEqual([["recv"], ["recv"]])
  },
  "swapped-messages": (recording) => {
    allEnded(recording)
  },
  "clock-offset": (recording) => {
    allEnded(recording)
    isAhead(recording)
  },
  "clock-offset-sigstop": (recording) => {
    stopped(recording)
    isAhead(recording)
  },
  "dropped-posts": (recording) => expect(recording.hasGaps()).toBe(true),
  "dropped-posts-sigstop": (recording) => {
    expect(recording.hasGaps()).toBe(true)
    expect(recording.statesOf(culprit).at(-1)).toBe("T")
  },
  "doubled-posts": (recording) => {
    allEnded(recording)
    expect(recording.repeats()).toBeGreaterThan(30)
  },
  "doubled-posts-sigstop": (recording) => {
    stopped(recording)
    expect(recording.repeats()).toBeGreaterThan(30)
  },
  "late-start": (recording) => {
    allEnded(recording)
    beganLate(recording)
  },
  "late-start-sigstop": (recording) => {
    othersWait(recording)
    beganLate(recording)
  },
}

/** By 7 s; records of one moment arrive within two of each other on a machine that is busy. */
function isAhead(recording: Recording) {
  for (const rank of others) {
    expect(Math.abs(recording.clockOffset(culprit) - recording.clockOffset(rank) - 7)).toBeLessThanOrEqual(2)
  }
}

function beganLate(recording: Recording) {
  for (const rank of [0, 1, 2, 3]) expect(recording.of(rank)[0]?.data.seq).toBeGreaterThan(10)
  expect(recording.records.some(({ data }) => (data.extra?.dropped ?? 0) > 0)).toBe(true)
}

describe("the recorded faults", () => {
  it("are those that are described, each with a trace to look for", () => {
    const files = readdirSync(folder).filter((name) => name.startsWith("torch-") && name.endsWith(".gz"))
    expect(files.sort()).toEqual(claims.map(({ file }) => file).sort())
    expect(claims.map(({ fault }) => fault).sort()).toEqual(Object.keys(traces).sort())
    for (const { verdicts } of claims) for (const kind of verdicts) expect(kindsWorstFirst).toContain(kind)
  })

  for (const { fault, file, injected } of claims) {
    it(`${fault}: ${injected}`, async () => {
      const path = join(folder, file)
      expect(statSync(path).size).toBeLessThan(maxBytes)
      const { intact, damage } = await Effect.runPromise(verifySession(path))
      expect({ intact, damage }).toEqual({ intact: true, damage: [] })
      const recording = new Recording(fault)
      expect(new Set(recording.records.map(({ data }) => data.reporter.host))).toEqual(new Set(["node-3"]))
      expect(new Set(recording.records.map(({ data }) => data.reporter.runId)).size).toBe(1)
      expect([0, 1, 2, 3].every((rank) => recording.of(rank).length > 0)).toBe(true)
      traces[fault]?.(recording)
    })
  }
})
