import { readFileSync } from "node:fs"
import { join } from "node:path"
import { serialize } from "node:v8"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { Position, ProcessId } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import { judge } from "../../src/domain/collectives/judge.ts"
import { now } from "../../src/domain/Moment.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { all } from "../../src/projections/all.ts"
import { collectives } from "../../src/projections/collectives.ts"
import * as FoldedViews from "../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../src/projections/LiveReader.ts"
import { processes } from "../../src/projections/processes.ts"
import type { Projection } from "../../src/projections/Projection.ts"
import { samples } from "../../src/projections/samples.ts"
import type { View } from "../../src/projections/Views.ts"
import { Views } from "../../src/projections/Views.ts"

const total = 60_000

/** A job of four ranks, in which rank 3 stays away from the last round. */
const collective = (index: number): Event => {
  const rank = index % 4
  const round = Math.floor(index / 8)
  return {
    _tag: index % 8 < 4 ? "CollectiveStarted" : "CollectiveFinished",
    reporter: { key: `r${rank}`, runId: "run", host: "n", pid: 100 + rank },
    communicator: null,
    op: "allreduce",
    rank,
    size: 4,
    startTime: round * 1000,
    endTime: index % 8 < 4 ? 0 : round * 1000 + 10,
    filename: "a.cpp",
    seq: null,
    extra: null,
    algorithm: null,
    dataType: "float32",
    count: 8,
    rootRank: null,
  }
}

const boot = (id: string): Event => ({
  _tag: "ProcessBootRequested",
  process: ProcessId(id),
  spec: {
    name: id,
    kind: "process",
    argv: ["true"],
    workingDirectory: "/",
    env: { A: "[redacted]" },
    user: "u",
    session: null,
    treeId: null,
    host: "h",
    logPath: null,
    scriptPath: null,
  },
})

const known = (view: View) => ({
  position: view.position,
  at: view.at,
  processes: Array.from(view.state(processes).byId.values()),
  verdicts: judge(
    {
      collectives: view.state(collectives),
      processes: view.state(processes),
      samples: view.state(samples),
    },
    view.at + 100e6,
  ),
})

const over = (medium: MemoryStore.Medium, views: "checkpointed" | "plain") =>
  (views === "checkpointed" ? FoldedViews.layerCheckpointed(all) : FoldedViews.layer(all)).pipe(
    Layer.provide(LiveReader.layer({ name: "n", bootId: "b" })),
    Layer.provideMerge(MemoryEventLog.layer({ medium })),
    Layer.orDie,
  )

describe("checkpoints of the views", () => {
  it.live(
    "change nothing: a restart, and any past moment, equal the whole fold",
    () => {
      const medium = MemoryStore.medium()
      const fill = Effect.gen(function* () {
        const log = yield* EventLog
        yield* log.append({ actor: "t", command: null, events: [boot("one"), boot("two")] })
        for (let from = 0; from < total; from += 2000) {
          const events = Array.from({ length: 2000 }, (_, index) => collective(from + index))
          yield* log.append({ actor: "t", command: null, events })
        }
        const last = [0, 1, 2].map((rank) => collective(total + rank))
        const { last: end } = yield* log.append({ actor: "t", command: null, events: last })
        return known(yield* (yield* Views).reached(end))
      })
      const ask = (positions: ReadonlyArray<number>) =>
        Effect.gen(function* () {
          const views = yield* Views
          const answers = [known(yield* views.at(now))]
          for (const position of positions) {
            answers.push(known(yield* views.at({ _tag: "AtPosition", position: Position(position) })))
          }
          return answers
        })
      const positions = [1, 3, 49_999, 50_600, 55_003, total]
      return Effect.gen(function* () {
        const before = yield* fill.pipe(Effect.provide(over(medium, "checkpointed")))
        expect(before.verdicts[0]?.kind).toBe("missing_rank")
        const restarted = yield* ask(positions).pipe(Effect.provide(over(medium, "checkpointed")))
        const whole = yield* ask(positions).pipe(Effect.provide(over(medium, "plain")))
        expect(restarted).toEqual(whole)
        expect(restarted[0]).toEqual(before)
      })
    },
    60_000,
  )
})

const golden = (name: string): ReadonlyArray<Event> =>
  (
    JSON.parse(readFileSync(join(import.meta.dirname, "../log/golden", `${name}.json`), "utf8")) as {
      events: Array<Event>
    }
  ).events

describe("a projection that ignores collectives", () => {
  const envelopes = [
    boot("one"),
    ...["AgentStarted", "SamplesTaken", "ProcessesSampled", "JobRequested"].flatMap(golden),
  ].map((event, index) => ({ position: Position(index + 1), at: index, mono: index, actor: "t", command: null, event }))
  const seen = ["CollectiveStarted", "CollectiveFinished", "TransferStarted", "TransferFinished"].flatMap(golden)
  for (const each of all.filter((one) => one.ignoresCollectives === true)) {
    const projection = each as Projection<unknown>
    it(`would not be changed by one: ${projection.name}`, () => {
      let state = projection.initial()
      for (const envelope of envelopes) state = projection.evolve(state, envelope)
      const before = serialize(state)
      for (const event of seen) {
        state = projection.evolve(state, { position: Position(99), at: 99, mono: 99, actor: "t", command: null, event })
      }
      expect(serialize(state).equals(before)).toBe(true)
    })
  }
})
