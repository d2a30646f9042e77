// How well verdicts hold against the truth of seeded variations, by fault and by kind of verdict.

import type { Envelope } from "../../../src/domain/Envelope.ts"
import * as Collectives from "../../../src/domain/collectives/Collectives.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import { kindsWorstFirst, type Verdict, type VerdictKind } from "../../../src/domain/collectives/Verdict.ts"
import * as Processes from "../../../src/domain/processes/Processes.ts"
import * as Samples from "../../../src/domain/samples/Samples.ts"
import type { Expected, Variation } from "./variations.ts"

export interface States {
  collectives: Collectives.Collectives
  processes: Processes.Processes
  samples: Samples.Samples
}

export const initial = (): States => ({
  collectives: Collectives.initial(),
  processes: Processes.initial(),
  samples: Samples.initial(),
})

export const evolve = (states: States, envelope: Envelope): void => {
  states.collectives = Collectives.evolve(states.collectives, envelope)
  states.processes = Processes.evolve(states.processes, envelope)
  states.samples = Samples.evolve(states.samples, envelope)
}

export const foldAll = (envelopes: ReadonlyArray<Envelope>): States => {
  const states = initial()
  for (const envelope of envelopes) evolve(states, envelope)
  return states
}

export const verdictOf = (variation: Variation): Verdict => {
  const [worst] = judge(foldAll(variation.envelopes), variation.now)
  if (worst === undefined) throw new Error("no verdict at all")
  return worst
}

export interface Score {
  readonly variation: Variation
  readonly verdict: Verdict
  readonly kindRight: boolean
  readonly namesRight: boolean
  /** Somebody was named who had nothing to do with it. */
  readonly wrongName: boolean
}

export const namedBy = (variation: Variation, verdict: Verdict): ReadonlyArray<number> =>
  verdict.culprits
    .map((culprit) => variation.processOf(culprit, verdict.communicator?.runId ?? null))
    .sort((a, b) => a - b)

const isOneOf = (named: ReadonlyArray<number>, expected: Expected): boolean =>
  expected.culprits.some((set) => set.length === named.length && set.every((one) => named.includes(one)))

export const score = (variation: Variation): Score => {
  const verdict = verdictOf(variation)
  const named = namedBy(variation, verdict)
  return {
    variation,
    verdict,
    kindRight: variation.expected.kinds.includes(verdict.kind),
    namesRight: isOneOf(named, variation.expected),
    wrongName: named.some((one) => !variation.expected.culprits.some((set) => set.includes(one))),
  }
}

const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`)

const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(" | ")} |`

export const tableByFault = (scores: ReadonlyArray<Score>): string => {
  const faults = Array.from(new Set(scores.map(({ variation }) => variation.fault)))
  const lines = faults.map((fault) => {
    const own = scores.filter(({ variation }) => variation.fault === fault)
    const count = (holds: (one: Score) => boolean) => own.filter(holds).length
    return row([
      fault,
      own.length,
      percent(
        count(({ kindRight }) => kindRight),
        own.length,
      ),
      percent(
        count(({ namesRight }) => namesRight),
        own.length,
      ),
      count(({ wrongName }) => wrongName),
    ])
  })
  return [
    row(["fault", "runs", "kind right", "names right", "wrong names"]),
    row(["---", "---", "---", "---", "---"]),
    ...lines,
  ].join("\n")
}

/** A verdict of a kind is right when that kind was acceptable; it was wanted when it was the first of those acceptable. */
export const tableByKind = (scores: ReadonlyArray<Score>): string => {
  const lines = kindsWorstFirst.map((kind: VerdictKind) => {
    const given = scores.filter(({ verdict }) => verdict.kind === kind)
    const wanted = scores.filter(({ variation }) => variation.expected.kinds[0] === kind)
    return row([
      kind,
      wanted.length,
      given.length,
      percent(given.filter(({ kindRight }) => kindRight).length, given.length),
      percent(wanted.filter(({ kindRight }) => kindRight).length, wanted.length),
    ])
  })
  return [
    row(["verdict", "wanted", "given", "precision", "recall"]),
    row(["---", "---", "---", "---", "---"]),
    ...lines,
  ].join("\n")
}
