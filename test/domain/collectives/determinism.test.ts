import { describe, expect, it } from "vitest"
import type { Envelope } from "../../../src/domain/Envelope.ts"
import * as Collectives from "../../../src/domain/collectives/Collectives.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"

import {
  communicatorsAnswer,
  matrixAnswer,
  ranksAnswer,
  statisticsAnswer,
  verdictAnswer,
  waitsAnswer,
} from "../../../src/wire/verdict.ts"
import { allFaults } from "./faults.ts"
import { evolve, foldAll, initial, type States } from "./score.ts"
import { vary } from "./variations.ts"

/** Everything that can be asked about collectives, as one text. */
const allSaid = (states: States, envelopes: ReadonlyArray<Envelope>, count: number, now: number): string => {
  const position = envelopes[count - 1]!.position
  const { collectives } = states
  return JSON.stringify([
    verdictAnswer(judge(states, now), position),
    communicatorsAnswer(collectives, position),
    ranksAnswer(collectives, position),
    matrixAnswer(collectives, position),
    statisticsAnswer(collectives, position),
    waitsAnswer(collectives, now, position),
  ])
}

const copyOf = (states: States): States => ({
  collectives: Collectives.copy(states.collectives),
  processes: { ...states.processes, byId: new Map(states.processes.byId) },
  samples: states.samples,
})

describe("what is said of the same records", { timeout: 60_000 }, () => {
  for (const [index, fault] of allFaults.entries()) {
    it(`is the same at once, over copies, and at any past position: ${fault}`, () => {
      const { envelopes, now } = vary(fault, 7000 + index, { shuffleWindow: 16, duplication: 0.02 })
      const steps = [0.2, 0.5, 0.8, 1].map((share) => Math.floor(share * envelopes.length))
      const running = initial()
      const copies: Array<States> = []
      const live: Array<string> = []
      let done = 0
      for (const step of steps) {
        for (; done < step; done++) evolve(running, envelopes[done]!)
        live.push(allSaid(running, envelopes, step, step === envelopes.length ? now : envelopes[step - 1]!.at))
        copies.push(copyOf(running))
      }
      for (const [at, step] of steps.entries()) {
        const asked = step === envelopes.length ? now : envelopes[step - 1]!.at
        expect(allSaid(foldAll(envelopes.slice(0, step)), envelopes, step, asked)).toBe(live[at])
        expect(allSaid(copies[at]!, envelopes, step, asked)).toBe(live[at])
      }
      const resumed = copies[0]!
      for (const envelope of envelopes.slice(steps[0])) evolve(resumed, envelope)
      expect(allSaid(resumed, envelopes, envelopes.length, now)).toBe(live.at(-1))
    })
  }

  it("does not change a copy when the original goes on", () => {
    const { envelopes, now } = vary("healthy", 7100)
    const half = envelopes.length >> 1
    const running = foldAll(envelopes.slice(0, half))
    const copy = copyOf(running)
    const before = allSaid(copy, envelopes, half, now)
    for (const envelope of envelopes.slice(half)) evolve(running, envelope)
    expect(allSaid(copyOf(copy), envelopes, half, now)).toBe(before)
  })
})
