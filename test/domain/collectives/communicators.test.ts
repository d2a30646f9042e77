import { describe, expect, it } from "vitest"
import type { KnownEvent } from "../../../src/domain/Event.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import { envelopes, second } from "../given.ts"
import { foldAll } from "./score.ts"

const gap = 1000

/** A record of a reporter that sends neither run nor communicator: only its pid tells jobs apart. */
const record = (
  tag: "CollectiveStarted" | "CollectiveFinished",
  pid: number,
  rank: number,
  startTime: number,
): KnownEvent => ({
  _tag: tag,
  reporter: { key: `pid:${pid}`, runId: null, host: "node-3", pid },
  communicator: null,
  op: "allreduce",
  rank,
  size: 4,
  startTime,
  endTime: tag === "CollectiveFinished" ? startTime + 500 : 0,
  filename: "a.cpp",
  seq: null,
  extra: null,
  algorithm: null,
  dataType: "float32",
  count: 64,
  rootRank: -1,
})

const ranks = [0, 1, 2, 3]
const round = (job: number, start: number): ReadonlyArray<KnownEvent> => [
  ...ranks.map((rank) => record("CollectiveStarted", job + rank, rank, start)),
  ...ranks.map((rank) => record("CollectiveFinished", job + rank, rank, start)),
]
const rounds = (job: number, count: number, from: number) =>
  Array.from({ length: count }, (_, index) => round(job, from + index * 10_000)).flat()

const verdictsAfter = (seconds: number, events: ReadonlyArray<KnownEvent>) => {
  const log = envelopes(events, gap)
  return judge(foldAll(log), log.at(-1)!.at + seconds * second)
}

describe("two jobs under one name", () => {
  it("are told apart at once when one follows the other, even if the second hangs in its first operation", () => {
    const hang = [0, 1, 3].map((rank) => record("CollectiveStarted", 5000 + rank, rank, 9e6))
    const [worst, other] = verdictsAfter(61, [...rounds(4000, 10, 1e6), ...hang])
    expect(worst).toMatchObject({
      kind: "missing_rank",
      sentence: "rank 2 never entered allreduce #1 of a.cpp; never reported anything; 3 ranks wait",
      communicator: { id: "default/4#2" },
    })
    expect(other).toMatchObject({ kind: "healthy", communicator: { id: "default/4" } })
  })

  it("that run at the same time name nobody before it is known who belongs to whom", () => {
    const first = [0, 1, 3].map((rank) => record("CollectiveStarted", 4000 + rank, rank, 9e6))
    const second = [0, 1, 2].map((rank) => record("CollectiveStarted", 5000 + rank, rank, 9e6))
    const mixed = first.flatMap((one, index) => [one, second[index]!])
    for (const verdict of verdictsAfter(100, mixed))
      expect(verdict).toMatchObject({ kind: "cannot_tell", culprits: [] })
  })

  it("that run at the same time are sorted by what ends together", () => {
    const both = Array.from({ length: 40 }, (_, index) => [
      ...round(4000, 1e6 + index * 10_000 + (index % 3) * 700),
      ...round(5000, 1e6 + index * 10_000 + (index % 5) * 900 + 3000),
    ]).flat()
    const hang = [0, 1, 3].map((rank) => record("CollectiveStarted", 5000 + rank, rank, 9e6))
    const [worst, other] = verdictsAfter(61, [...both, ...hang])
    expect(worst).toMatchObject({ kind: "missing_rank", culprits: [{ rank: 2, pid: 5002 }], ordinal: 41 })
    expect(other).toMatchObject({ kind: "healthy" })
  })
})
