// What takes long: many more seeds, and the fold's speed on large and long jobs.

import { describe, expect, it } from "vitest"
import { Position } from "../../../src/domain/Brands.ts"
import type { Envelope } from "../../../src/domain/Envelope.ts"
import * as Collectives from "../../../src/domain/collectives/Collectives.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import { seeded } from "./Chance.ts"
import { allFaults } from "./faults.ts"
import { initial, type Score, score, tableByFault, tableByKind } from "./score.ts"
import { type Disturbance, vary } from "./variations.ts"

const say = (text: string) => process.stdout.write(`\n${text}\n`)

const scoresOf = (seeds: number, from: number, disturbance: Disturbance): ReadonlyArray<Score> =>
  allFaults.flatMap((fault) =>
    Array.from({ length: seeds }, (_, index) => score(vary(fault, from + index, disturbance))),
  )

describe("verdicts on thousands of variations", () => {
  it("are right in kind and name in 98 of 100", () => {
    const scores = scoresOf(120, 20_000, {})
    say(`${tableByFault(scores)}\n\n${tableByKind(scores)}`)
    expect(scores.filter(({ kindRight }) => kindRight).length / scores.length).toBeGreaterThanOrEqual(0.98)
    expect(scores.filter(({ namesRight }) => namesRight).length / scores.length).toBeGreaterThanOrEqual(0.98)
    const sound = scores.filter(({ variation }) => variation.expected.kinds.includes("healthy"))
    expect(sound.filter(({ verdict }) => verdict.culprits.length > 0)).toEqual([])
  })

  it("name nobody wrong when a hundredth of the records is lost, others come twice, and order is mixed", () => {
    const scores = scoresOf(60, 30_000, { loss: 0.01, duplication: 0.02, shuffleWindow: 32 })
    say(`${tableByFault(scores)}\n\n${tableByKind(scores)}`)
    const wrong = scores.filter(({ wrongName }) => wrongName)
    expect(wrong.length / scores.length, wrong.map(({ variation }) => variation.about).join("\n")).toBeLessThanOrEqual(
      0.002,
    )
  })
})

/** One allreduce after the other, as a stream: nothing of it is kept but what the fold keeps. */
function* allreduces(ranks: number, columns: number): Generator<Envelope> {
  const chance = seeded(ranks)
  const reporters = Array.from({ length: ranks }, (_, rank) => ({ key: "r", runId: "r", host: "h", pid: 1000 + rank }))
  let position = 0
  for (let column = 0; column < columns; column++) {
    const begin = 1e9 + column * 100_000
    const starts = reporters.map(() => Math.round(begin + chance.between(0, 5000)))
    for (const finished of [false, true]) {
      for (let rank = 0; rank < ranks; rank++) {
        position += 1
        const at = 1.7e15 + begin + (finished ? 10_000 : 0) + rank
        const event = {
          _tag: finished ? "CollectiveFinished" : "CollectiveStarted",
          reporter: reporters[rank]!,
          communicator: null,
          op: "allreduce",
          rank,
          size: ranks,
          startTime: starts[rank]!,
          endTime: finished ? Math.round(begin + 10_000 + chance.between(0, 20)) : 0,
          filename: "a.cpp",
          seq: null,
          extra: null,
          algorithm: "ring",
          dataType: "float32",
          count: 1024,
          rootRank: -1,
        } as const
        yield { position: Position(position), at, mono: 0, actor: "", command: null, event }
      }
    }
  }
}

describe("the fold's speed", () => {
  for (const [ranks, columns] of [
    [4, 100_000],
    [64, 5000],
    [1024, 1000],
  ] as const) {
    it(`holds for ${ranks} ranks and ${columns} collectives`, () => {
      const states = initial()
      let last = 0
      let folding = 0
      let events = 0
      for (const envelope of allreduces(ranks, columns)) {
        const before = performance.now()
        states.collectives = Collectives.evolve(states.collectives, envelope)
        folding += performance.now() - before
        last = envelope.at
        events += 1
      }
      const began = performance.now()
      const [verdict] = judge(states, last)
      const judged = performance.now() - began
      const copyBegan = performance.now()
      Collectives.copy(states.collectives)
      const copied = performance.now() - copyBegan
      const perSecond = Math.round((1000 * events) / folding)
      say(`${events} events: ${perSecond}/s, judged in ${judged.toFixed(1)} ms, copied in ${copied.toFixed(1)} ms`)
      expect(verdict?.kind).toBe("healthy")
      expect(folding).toBeLessThan(30_000)
    })
  }
})
