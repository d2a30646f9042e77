// Seeded variations of a job with one fault each, and what a truthful verdict on them may say.

import type { Envelope } from "../../../src/domain/Envelope.ts"
import type { VerdictKind } from "../../../src/domain/collectives/Verdict.ts"
import { type Chance, seeded } from "./Chance.ts"
import { type Fault, faults, type Injected, type Injection } from "./faults.ts"
import { type Layout, layoutOf, type LayoutName, type Plan, programsOf, type Style } from "./jobs.ts"
import { epoch, record, type Reporter, type Reporting } from "./reporting.ts"
import { simulate, type World } from "./simulator.ts"

export interface Expected {
  readonly kinds: ReadonlyArray<VerdictKind>
  /** Acceptable sets of culprits, as process indices. */
  readonly culprits: ReadonlyArray<ReadonlyArray<number>>
}

export interface Variation {
  readonly fault: Fault
  readonly seed: number
  readonly about: string
  readonly envelopes: ReadonlyArray<Envelope>
  readonly now: number
  readonly expected: Expected
  /** The process that a culprit stands for; −1 for one that no process of the job is. */
  readonly processOf: (culprit: { readonly rank: number; readonly pid: number | null }, runId: string | null) => number
}

export interface Disturbance {
  readonly loss?: number
  readonly duplication?: number
  readonly shuffleWindow?: number
}

/** What every fault starts from: a healthy job, and how it is heard of. */
export interface Draft {
  readonly chance: Chance
  readonly layout: Layout
  readonly plan: Plan
  readonly world: World
  readonly reporting: Reporting
}

const styles: ReadonlyArray<Style> = ["plain", "buckets", "sharded", "rooted", "ring", "pairs"]
const layouts: ReadonlyArray<LayoutName> = ["world", "world", "twins", "two-jobs", "two-runs", "halves"]

export const vary = (fault: Fault, seed: number, disturbance: Disturbance = {}): Variation => {
  const chance = seeded(seed * 1009 + fault.length * 31 + fault.charCodeAt(0))
  const draft = draftOf(fault, chance, disturbance)
  const injected = faults[fault].inject(draft)
  return observe(fault, seed, draft, injected)
}

const draftOf = (fault: Fault, chance: Chance, disturbance: Disturbance): Draft => {
  const wants: Injection = faults[fault]
  const name = chance.pick(wants.layouts ?? layouts)
  const twofold = name !== "world" && name !== "twins"
  const size = Math.round(2 ** chance.between(1, twofold ? 5 : 6))
  const layout = layoutOf(name, Math.max(size, wants.minSize ?? 2))
  const style = chance.pick(wants.styles ?? styles)
  const computeMicros = 10 ** chance.between(3, 4.7)
  const plan: Plan = {
    style,
    iterations: iterationsOf(chance, layout.processes, ...(wants.iterations ?? [24, 70])),
    computeMicros,
    jitter: chance.between(0.02, 0.15),
    bytesPerTransfer: chance.pick([1024, 1 << 20]),
  }
  const base = computeMicros * 10 ** chance.between(-1.5, -0.1)
  const spread = chance.between(0.02, 0.15)
  const world: World = {
    communicators: layout.communicators,
    programs: programsOf(layout, plan, chance),
    transferMicros: (step) => {
      const weight = step.kind === "collective" ? 1 + Math.log2(1 + step.count) / 16 : 1
      return base * weight * chance.factor(spread)
    },
    frozenAt: new Map(),
    networkDeadAt: Infinity,
    neverLeaves: () => false,
    toleratesDisagreement: chance.next() < 0.5,
  }
  return { chance, layout, plan, world, reporting: reportingOf(chance, layout, disturbance) }
}

/** Large jobs do fewer rounds, so that three hundred variations stay a matter of seconds. */
const iterationsOf = (chance: Chance, processes: number, least: number, most: number): number =>
  Math.max(least, Math.min(chance.whole(least, most), Math.floor(400 / processes)))

const reportingOf = (chance: Chance, layout: Layout, disturbance: Disturbance): Reporting => {
  const perHost = chance.pick([4, 8, 64])
  const hosts = Math.ceil(layout.processes / perHost)
  const steady = chance.next() < 0.6
  const offsets = Array.from({ length: hosts }, () =>
    steady ? chance.between(1e9, 1e12) : epoch + chance.normal() * 2e4,
  )
  const drifts = Array.from({ length: hosts }, () => (chance.next() < 0.5 ? 0 : chance.normal() * 3e-5))
  const runs = layout.name === "two-runs" || (layout.name !== "two-jobs" && chance.next() < 0.5)
  const ids = layout.name === "twins" || (layout.name === "halves" && chance.next() < 0.5)
  const pids = layout.name === "two-jobs" || layout.name === "halves" || chance.next() < 0.8
  const reporters = Array.from({ length: layout.processes }, (_, process): Reporter => {
    const host = `node-${Math.floor(process / perHost)}`
    const pid = pids ? 4000 + process : null
    const runId = runs ? `run-${layout.jobOf(process)}` : null
    return { key: runId ?? (pid === null ? "10.0.0.1" : `pid:${pid}`), runId, host: pids ? host : null, pid }
  })
  return {
    reporters,
    clocks: Array.from({ length: layout.processes }, (_, process) => {
      const host = Math.floor(process / perHost)
      return { offset: offsets[host]!, drift: drifts[host]! }
    }),
    communicatorIds: layout.communicators.map((_, index) => (ids ? `comm-${index}` : null)),
    latencyMicros: 10 ** chance.between(2, 3.5),
    openEnd: chance.pick(["zero", "same", "absent"]),
    filenames: chance.next() < 0.7,
    dataTypes: chance.next() < 0.7,
    ownRankAsRoot: chance.next() < 0.3,
    loss: disturbance.loss ?? 0,
    duplication: disturbance.duplication ?? 0,
    shuffleWindow: disturbance.shuffleWindow ?? 0,
    agentStartsAt: -1e6,
    watch: pids ? chance.pick(["nothing", "samples", "managed"]) : "nothing",
  }
}

const observe = (fault: Fault, seed: number, draft: Draft, injected: Injected): Variation => {
  const { chance, layout, plan } = draft
  const { world, reporting } = injected
  const outcome = injected.outcome ?? simulate(world, chance)
  const until = injected.until(outcome)
  const fates = injected.fates(outcome)
  const envelopes = record(world, outcome, reporting, fates, until, chance)
  const pids = new Map(reporting.reporters.map((reporter, process) => [reporter.pid, process]))
  return {
    fault,
    seed,
    about: `${fault} #${seed}: ${layout.name} of ${layout.processes}, ${plan.style}, watch ${reporting.watch}`,
    envelopes,
    now: epoch + Math.round(Math.max(until, 0)),
    expected: injected.expected(outcome),
    processOf: ({ rank, pid }, runId) => {
      if (pid !== null) return pids.get(pid) ?? -1
      return layout.name === "two-runs" && runId === "run-1" ? rank + layout.processes / 2 : rank
    },
  }
}
