// The faults that tests inject, each with what may truthfully be said of it.

import type { VerdictKind } from "../../../src/domain/collectives/Verdict.ts"
import type { LayoutName, Style } from "./jobs.ts"
import { epoch, type Fate, type Reporting } from "./reporting.ts"
import { type Collective, type Done, type Outcome, simulate, type Step, type World } from "./simulator.ts"
import type { Draft, Expected } from "./variations.ts"

export interface Injected {
  readonly world: World
  readonly reporting: Reporting
  readonly outcome?: Outcome
  readonly until: (outcome: Outcome) => number
  readonly fates: (outcome: Outcome) => ReadonlyArray<Fate>
  readonly expected: (outcome: Outcome) => Expected
}

export interface Injection {
  readonly inject: (draft: Draft) => Injected
  readonly styles?: ReadonlyArray<Style>
  readonly layouts?: ReadonlyArray<LayoutName>
  readonly minSize?: number
  readonly iterations?: readonly [number, number]
}

const second = 1e6

const healthy: Expected = { kinds: ["healthy"], culprits: [[]] }
const named = (victim: number, ...kinds: ReadonlyArray<VerdictKind>): Expected => ({ kinds, culprits: [[victim]] })
const nobody = (...kinds: ReadonlyArray<VerdictKind>): Expected => ({ kinds, culprits: [[]] })

/** The last thing that anybody is seen to do. */
const lastMoment = (outcome: Outcome): number => {
  let last = 0
  for (const { start, end } of outcome.done) last = Math.max(last, start, end === Infinity ? 0 : end)
  return last
}

/** A process that ended its program is gone. */
const exits = (outcome: Outcome): Array<Fate> =>
  outcome.endedAt.flatMap((at, process) => (at === Infinity ? [] : [{ process, at: at + 1000, state: { code: 0 } }]))

const injected = (draft: Draft, parts: Partial<Injected>): Injected => ({
  world: draft.world,
  reporting: draft.reporting,
  until: (outcome) => lastMoment(outcome) + draft.chance.between(70, 200) * second,
  fates: exits,
  expected: () => healthy,
  ...parts,
})

const victimOf = ({ chance, layout }: Draft): number => chance.whole(0, layout.processes - 1)

/** Somewhere in the later part of a program, where a step of a kind stands. */
const stepIn = (draft: Draft, victim: number, fits: (step: Step) => boolean): number => {
  const program = draft.world.programs[victim]!
  const found = program.flatMap((step, index) => (fits(step) ? [index] : []))
  return found[Math.floor(found.length * draft.chance.between(0.4, 0.9))]!
}

const isCollective = (step: Step): step is Collective => step.kind === "collective"
const allToAll = (step: Step) => isCollective(step) && !["broadcast", "reduce"].includes(step.op)

const withProgram = (world: World, victim: number, change: (program: Array<Step>) => void): World => {
  const program = [...world.programs[victim]!]
  change(program)
  return { ...world, programs: world.programs.map((one, index) => (index === victim ? program : one)) }
}

const sizeOf = (draft: Draft, step: Collective) => draft.layout.communicators[step.communicator]!.length

/** A process that stops dead: before an operation, or inside it. */
const freeze =
  (state: "T" | { readonly signal: number }) =>
  (draft: Draft): Injected => {
    const victim = victimOf(draft)
    const clean = simulate(draft.world, draft.chance)
    const own = clean.done.filter(({ process }) => process === victim)
    const part = own[Math.floor(own.length * draft.chance.between(0.4, 0.9))]!
    const inside = draft.chance.next() < 0.3
    const at = inside ? part.start + (part.end - part.start) * draft.chance.next() : part.start - 20
    const world = { ...draft.world, frozenAt: new Map([[victim, at]]) }
    // Sampling shows a stopped process; one that is gone is simply not in the samples.
    const watched = draft.reporting.watch === "managed" || (draft.reporting.watch === "samples" && state === "T")
    return injected(draft, {
      world,
      fates: (outcome) => [...exits(outcome), { process: victim, at, state }],
      expected: (outcome) => afterFreeze(outcome, victim, watched),
    })
  }

/** One that froze inside an operation which nobody came out of can only be named by the state of its process. */
const afterFreeze = (outcome: Outcome, victim: number, watched: boolean): Expected => {
  const last = outcome.done.findLast(({ process }) => process === victim)
  if (last === undefined || last.end !== Infinity) return named(victim, "missing_rank")
  const stuck = outcome.done.filter((done) => done.end === Infinity && sameMeeting(done, last))
  const left = outcome.done.some((done) => done.end !== Infinity && sameMeeting(done, last))
  if (left) return named(victim, "missing_rank", "partial")
  const alone = stuck.length === 1
  return {
    kinds: ["stuck_together", "missing_rank", "partial"],
    culprits: watched && !alone ? [[victim]] : [[victim], []],
  }
}

const sameMeeting = (one: Done, other: Done): boolean => one.meeting === other.meeting

const disagree =
  (change: (step: Collective, draft: Draft) => Partial<Collective>) =>
  (draft: Draft): Injected => {
    const victim = victimOf(draft)
    const index = stepIn(
      draft,
      victim,
      (step) => isCollective(step) && "count" in step && fitsChange(step, change, draft),
    )
    const step = draft.world.programs[victim]![index] as Collective
    const world = withProgram(draft.world, victim, (program) => (program[index] = { ...step, ...change(step, draft) }))
    const tie = sizeOf(draft, step) === 2
    return injected(draft, {
      world,
      reporting: { ...draft.reporting, dataTypes: true },
      expected: () => (tie ? nobody("mismatch") : named(victim, "mismatch")),
    })
  }

/** A barrier has neither count nor type, and only a rooted operation has a root to be wrong about. */
const fitsChange = (
  step: Collective,
  change: (step: Collective, draft: Draft) => Partial<Collective>,
  draft: Draft,
): boolean => step.op !== "barrier" && ("root" in change(step, draft) ? step.root >= 0 : true)

/**
 * A rank that skips a collective and then waits in a transfer, or in another communicator, looks exactly like one that does the two in
 * the other order: a circle of waits, in which nobody is named.
 */
const looksLikeDeadlock = ({ layout, plan }: Draft): boolean =>
  layout.name === "twins" || layout.name === "halves" || plan.style === "ring" || plan.style === "pairs"

const skip = (draft: Draft): Injected => {
  const victim = victimOf(draft)
  const index = stepIn(draft, victim, isCollective)
  const step = draft.world.programs[victim]![index] as Collective
  const tie = sizeOf(draft, step) === 2
  return injected(draft, {
    world: withProgram(draft.world, victim, (program) => program.splice(index, 1)),
    expected: () =>
      looksLikeDeadlock(draft)
        ? { kinds: ["mismatch", "missing_rank", "deadlock"], culprits: [[victim], []] }
        : { kinds: ["mismatch", "missing_rank"], culprits: tie ? [[victim], []] : [[victim]] },
  })
}

/** Even ranks send first; one that receives first waits for a peer that waits for it. */
const swapTransfers = (draft: Draft): Injected => {
  const pairs = draft.layout.communicators[0]!.length >> 1
  const victim = draft.layout.communicators[0]![2 * draft.chance.whole(0, pairs - 1)]!
  const index = stepIn(draft, victim, (step) => step.kind === "send" && step.communicator === 0)
  const world = withProgram(draft.world, victim, (program) => {
    const other = program.findIndex((step, at) => at > index && step.kind === "recv")
    const kept = program[index]!
    program[index] = program[other]!
    program[other] = kept
  })
  return injected(draft, { world, expected: () => nobody("deadlock") })
}

/** One process takes two communicators in the other order. */
const crossOrder = (draft: Draft): Injected => {
  const victim = victimOf(draft)
  const { programs } = draft.world
  const program = programs[victim]!
  const crossing = program.flatMap((step, index) => {
    const next = program.findIndex((later, at) => at > index && later.kind === "collective")
    const other = program[next]
    const crosses =
      isCollective(step) && step.communicator === 0 && other?.kind === "collective" && other.communicator === 1
    return crosses ? [[index, next] as const] : []
  })
  const [one, other] = crossing[Math.floor(crossing.length * draft.chance.between(0.4, 0.9))]!
  const world = withProgram(draft.world, victim, (changed) => {
    changed[one] = program[other]!
    changed[other] = program[one]!
  })
  return injected(draft, { world, expected: () => nobody("deadlock") })
}

const sleepFor = (draft: Draft, victim: number, micros: number): World => {
  const index = stepIn(draft, victim, isCollective)
  return withProgram(draft.world, victim, (program) => program.splice(index, 0, { kind: "compute", micros }))
}

const sleep = (draft: Draft): Injected => {
  const victim = victimOf(draft)
  const asleep = draft.chance.between(120, 300) * second
  const world = sleepFor(draft, victim, asleep)
  const outcome = simulate(world, draft.chance)
  const own = outcome.done.filter(({ process }) => process === victim)
  const woke = own.find((done, index) => done.start - (index === 0 ? 0 : own[index - 1]!.end) > asleep)!
  const until = woke.start - asleep + draft.chance.between(75, asleep / second - 5) * second
  return injected(draft, { world, outcome, until: () => until, expected: () => named(victim, "missing_rank") })
}

const partial = (draft: Draft): Injected => {
  const victim = victimOf(draft)
  const program = draft.world.programs[victim]!
  // After the last one nobody waits for the victim any more.
  const atEnd = draft.chance.next() < 0.4
  const index = atEnd ? program.findLastIndex(allToAll) : stepIn(draft, victim, allToAll)
  const step = program[index] as Collective
  const before = program.slice(0, index + 1)
  const call = before.filter((one) => isCollective(one) && one.communicator === step.communicator).length
  const neverLeaves = (process: number, communicator: number, at: number) =>
    process === victim && communicator === step.communicator && at === call
  return injected(draft, {
    world: { ...draft.world, neverLeaves },
    expected: () => named(victim, "partial", "missing_rank"),
  })
}

const networkDies = (draft: Draft): Injected => {
  const clean = lastMoment(simulate(draft.world, draft.chance))
  const world = { ...draft.world, networkDeadAt: clean * draft.chance.between(0.4, 0.9) }
  return injected(draft, { world, expected: () => nobody("stuck_together") })
}

const slowRank = (draft: Draft): Injected => {
  const victim = victimOf(draft)
  const by = draft.chance.between(1.8, 4)
  const from = draft.world.programs[victim]!.length * draft.chance.between(0, 0.3)
  const world = withProgram(draft.world, victim, (program) => {
    for (const [index, step] of program.entries()) {
      if (index >= from && step.kind === "compute") program[index] = { ...step, micros: step.micros * by }
    }
  })
  return injected(draft, { world, expected: () => named(victim, "slow_arrival") })
}

const slowNetwork = (draft: Draft): Injected => {
  const by = draft.chance.between(2, 5)
  const share = draft.chance.between(0.55, 0.75)
  const calls = new Map<string, number>()
  for (const step of draft.world.programs[0]!) {
    if (isCollective(step)) calls.set(`${step.communicator}`, (calls.get(`${step.communicator}`) ?? 0) + 1)
  }
  const [longest] = [...calls.values()].sort((a, b) => b - a)
  const world: World = {
    ...draft.world,
    transferMicros: (step, call) => draft.world.transferMicros(step, call) * (call > longest! * share ? by : 1),
  }
  return injected(draft, { world, expected: () => nobody("slow_transfer") })
}

const skewedClocks = (draft: Draft): Injected => {
  const clocks = draft.reporting.clocks.map(() => ({
    offset: epoch + draft.chance.normal() * 10 ** draft.chance.between(4, 9),
    drift: draft.chance.normal() * 1e-4,
  }))
  return injected(draft, { reporting: { ...draft.reporting, clocks } })
}

const lossy = (draft: Draft): Injected =>
  injected(draft, {
    reporting: {
      ...draft.reporting,
      loss: draft.chance.between(0.005, 0.05),
      duplication: draft.chance.between(0, 0.1),
    },
    expected: () => nobody("healthy", "cannot_tell"),
  })

const lateAgent = (draft: Draft): Injected => {
  const clean = simulate(draft.world, draft.chance)
  const agentStartsAt = lastMoment(clean) * draft.chance.between(0.1, 0.6)
  return injected(draft, { outcome: clean, reporting: { ...draft.reporting, agentStartsAt } })
}

const oneOff = (draft: Draft): Injected =>
  injected(draft, { world: sleepFor(draft, victimOf(draft), draft.chance.between(1, 45) * second) })

const collectiveStyles: ReadonlyArray<Style> = ["plain", "buckets", "sharded"]
const single: ReadonlyArray<LayoutName> = ["world"]

export const faults = {
  healthy: { inject: (draft) => injected(draft, {}) },
  "one-off delay": { inject: oneOff },
  "skewed clocks": { inject: skewedClocks },
  "lossy posts": { inject: lossy },
  "late agent": { inject: lateAgent },
  stop: { inject: freeze("T") },
  kill: { inject: freeze({ signal: 9 }) },
  sleep: { inject: sleep },
  "wrong count": { inject: disagree((step, { chance }) => ({ count: step.count + chance.pick([1, -1, step.count]) })) },
  "wrong type": { inject: disagree(() => ({ dataType: "float16" })) },
  "wrong root": {
    inject: disagree((step, draft) => (step.root < 0 ? { root: -1 } : { root: (step.root + 1) % sizeOf(draft, step) })),
    styles: ["rooted"],
  },
  "skipped op": { inject: skip },
  "swapped transfers": { inject: swapTransfers, styles: ["pairs"] },
  deadlock: { inject: crossOrder, layouts: ["twins"], styles: collectiveStyles },
  partial: { inject: partial },
  "stuck together": { inject: networkDies, styles: collectiveStyles },
  "slow rank": {
    inject: slowRank,
    styles: [...collectiveStyles, "rooted", "ring"],
    iterations: [44, 90],
    minSize: 3,
    layouts: single,
  },
  "slow transfer": { inject: slowNetwork, styles: collectiveStyles, iterations: [64, 100] },
} satisfies Readonly<Record<string, Injection>>

export type Fault = keyof typeof faults
export const allFaults = Object.keys(faults) as ReadonlyArray<Fault>
