import { Arbitrary, FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { Position } from "../../../src/domain/Brands.ts"
import * as Collectives from "../../../src/domain/collectives/Collectives.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import { CollectiveEvent } from "../../../src/domain/events/CollectiveEvents.ts"
import { initial } from "./score.ts"

const strange = FastCheck.constantFrom(
  null,
  0,
  -1,
  1,
  2,
  3,
  7,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e300,
  Number.NaN,
  Infinity,
)

/** Any record at all, with numbers that no sound reporter sends, of few enough ranks to meet. */
const anyRecord = FastCheck.tuple(
  Arbitrary.make(CollectiveEvent),
  FastCheck.record({ rank: strange, size: strange, startTime: strange, endTime: strange }),
  FastCheck.constantFrom("a", "b"),
  FastCheck.constantFrom("allreduce", "send", "recv", "broadcast", "", "__proto__"),
).map(([event, numbers, key, op]): CollectiveEvent =>
  Object.assign({}, event, numbers, { op, reporter: Object.assign({}, event.reporter, { key }) }),
)

const fold = (records: ReadonlyArray<CollectiveEvent>, gap = 1000) => {
  const states = initial()
  for (const [index, event] of records.entries()) {
    const envelope = { position: Position(index + 1), at: index * gap, mono: 0, actor: "test", command: null, event }
    states.collectives = Collectives.evolve(states.collectives, envelope)
  }
  return states
}

describe("the fold of collectives", () => {
  it("takes any record, whatever its numbers, and always has a verdict", { timeout: 60_000 }, () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(anyRecord, { maxLength: 120 }), (records) => {
        const states = fold(records)
        expect(judge(states, 1e9).length).toBeGreaterThan(0)
        expect(judge({ ...states, collectives: Collectives.copy(states.collectives) }, 1e9).length).toBeGreaterThan(0)
        expect(Collectives.inFlight(states.collectives)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 300 },
    )
  })

  const record = (rank: number, part: Partial<CollectiveEvent> = {}): CollectiveEvent =>
    ({
      _tag: "CollectiveStarted",
      reporter: { key: "r", runId: "r", host: null, pid: null },
      communicator: null,
      op: "allreduce",
      rank,
      size: 2,
      startTime: 1,
      endTime: 0,
      filename: "",
      seq: null,
      extra: null,
      algorithm: null,
      dataType: null,
      count: null,
      rootRank: null,
      ...part,
    }) as CollectiveEvent

  it("keeps no more operations of a rank whose partner never comes than it has to", () => {
    const records = Array.from({ length: 100_000 }, (_, index) =>
      record(0, {
        _tag: index % 2 === 0 ? "CollectiveStarted" : "CollectiveFinished",
        startTime: 10 * (index >> 1),
        endTime: 5 + 10 * (index >> 1),
      }),
    )
    const [communicator] = fold(records).collectives.communicators.values()
    expect(communicator?.seats.get(0)?.collectives.operations.length).toBeLessThan(1000)
  })

  it("forgets the communicators not heard of for longest, and says how many", () => {
    const records = Array.from({ length: 10_000 }, (_, index) =>
      record(0, { reporter: { key: `run-${index}`, runId: `run-${index}`, host: null, pid: null } }),
    )
    const { collectives } = fold(records)
    expect(collectives.communicators.size).toBeLessThanOrEqual(1024)
    expect(collectives.communicators.size + collectives.forgotten).toBe(10_000)
    expect(collectives.pools.size).toBe(collectives.communicators.size)
    expect(collectives.processes.size).toBe(collectives.communicators.size)
  })

  it("counts what it cannot place", () => {
    const { collectives } = fold([record(0, { rank: null }), record(7), record(0, { size: 1e9 }), record(0)])
    expect(collectives.refused).toEqual({ unplaced: 1, outOfRange: 2, late: 0 })
  })

  it("follows a reporter whose clock is set back", () => {
    const finished = (start: number) =>
      record(0, { _tag: "CollectiveFinished", size: 1, startTime: start, endTime: start + 5 })
    const early = Array.from({ length: 200 }, (_, index) => finished(1e12 + 1000 * index))
    const late = Array.from({ length: 200 }, (_, index) => finished(1e9 + 1000 * index))
    const [communicator] = fold([...early, ...late], 1e6).collectives.communicators.values()
    expect(
      (communicator?.settled ?? 0) + (communicator?.seats.get(0)?.collectives.operations.length ?? 0),
    ).toBeGreaterThan(300)
  })
})
