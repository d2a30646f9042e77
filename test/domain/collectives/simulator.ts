// A distributed job in small: processes that compute, meet in collectives, send and receive, and block as the real ones do. It knows
// nothing of verdicts: it turns programs and the faults of a world into what each process did, and when, in true time (µs).

import type { Chance } from "./Chance.ts"

export interface Collective {
  readonly kind: "collective"
  readonly communicator: number
  readonly op: string
  readonly count: number
  readonly dataType: string
  readonly root: number
  readonly file: string
}
export interface Transfer {
  readonly kind: "send" | "recv"
  readonly communicator: number
  readonly peer: number
  readonly bytes: number
  readonly file: string
}
export type Step = { readonly kind: "compute"; readonly micros: number } | Collective | Transfer

export interface World {
  /** Members of each communicator as process indices; the index in the list is the rank. */
  readonly communicators: ReadonlyArray<ReadonlyArray<number>>
  readonly programs: ReadonlyArray<ReadonlyArray<Step>>
  readonly transferMicros: (step: Collective | Transfer, call: number) => number
  /** When a process stops dead (stopped or killed), by process index. */
  readonly frozenAt: ReadonlyMap<number, number>
  /** From this moment on no operation that has not completed ever does. */
  readonly networkDeadAt: number
  /** Operations out of which one process never comes, though it takes part. */
  readonly neverLeaves: (process: number, communicator: number, call: number) => boolean
  /** Whether a disagreement on count, type or root passes unnoticed, as it does in some libraries. */
  readonly toleratesDisagreement: boolean
}

/** What a process did: `end` is infinite while it has not come out, `call` its how-manieth of the communicator. */
export interface Done {
  readonly process: number
  readonly step: Collective | Transfer
  readonly rank: number
  readonly call: number
  /** Names the operation across processes. */
  meeting: string
  readonly start: number
  end: number
}

export interface Outcome {
  readonly done: ReadonlyArray<Done>
  /** True time at which each process ended its program; infinite for those that never did. */
  readonly endedAt: ReadonlyArray<number>
}

const eagerBytes = 65_536
const exitJitter = 20

interface Runner {
  readonly index: number
  readonly program: ReadonlyArray<Step>
  readonly calls: Map<number, number>
  next: number
  now: number
  waiting: Done | null
}

/** One meeting: all calls of one number in one communicator, or one send with its recv. */
interface Meeting {
  readonly size: number
  readonly transferMicros: number
  readonly arrived: Map<number, Done>
  /** Latest start, and the first moment at which one of those in it stops dead. */
  latest: number
  frozen: number
  disagreed: boolean
}

export const simulate = (world: World, chance: Chance): Outcome => {
  const done: Array<Done> = []
  const meetings = new Map<string, Meeting>()
  const pairs = new Map<string, number>()
  const runners = world.programs.map((program, index): Runner => ({
    index,
    program,
    calls: new Map(),
    next: 0,
    now: 0,
    waiting: null,
  }))
  const frozen = (process: number) => world.frozenAt.get(process) ?? Infinity

  const enter = (runner: Runner, step: Collective | Transfer): void => {
    const members = world.communicators[step.communicator]!
    const rank = members.indexOf(runner.index)
    const slot = step.kind === "collective" ? step.communicator : -1 - step.communicator
    const call = (runner.calls.get(slot) ?? 0) + 1
    runner.calls.set(slot, call)
    const part: Done = { process: runner.index, step, rank, call, meeting: "", start: runner.now, end: Infinity }
    done.push(part)
    runner.waiting = part
    const key = keyOf(part, step, pairs)
    part.meeting = key
    const meeting: Meeting = meetings.get(key) ?? {
      size: step.kind === "collective" ? members.length : 2,
      transferMicros: world.transferMicros(step, call),
      arrived: new Map(),
      latest: 0,
      frozen: Infinity,
      disagreed: false,
    }
    meetings.set(key, meeting)
    for (const { step: first } of meeting.arrived.values()) {
      if (step.kind === "collective" && first.kind === "collective" && !agree(world, first, step))
        meeting.disagreed = true
      break
    }
    meeting.arrived.set(step.kind === "recv" ? -1 - rank : rank, part)
    meeting.latest = Math.max(meeting.latest, part.start)
    meeting.frozen = Math.min(meeting.frozen, frozen(runner.index))
    settle(meeting)
  }

  const settle = (meeting: Meeting): void => {
    if (meeting.disagreed || (meeting.arrived.size < meeting.size && isForAll(meeting))) return
    for (const part of meeting.arrived.values()) {
      const runner = runners[part.process]!
      if (part.end !== Infinity || runner.waiting !== part) continue
      const end = endOf(world, meeting, part, frozen) + exitJitter * chance.next()
      if (end === Infinity || end > frozen(part.process)) continue
      if (world.neverLeaves(part.process, part.step.communicator, part.call)) continue
      part.end = end
      runner.waiting = null
      runner.now = end
    }
  }

  const advance = (runner: Runner): boolean => {
    const step = runner.program[runner.next]
    if (runner.waiting !== null || step === undefined || runner.now >= frozen(runner.index)) return false
    runner.next += 1
    if (step.kind !== "compute") enter(runner, step)
    else runner.now += step.micros
    return true
  }

  for (let moved = true; moved;) {
    moved = false
    for (const runner of runners) while (advance(runner)) moved = true
  }
  const endedAt = runners.map((runner) =>
    runner.waiting === null && runner.next === runner.program.length && runner.now < frozen(runner.index)
      ? runner.now
      : Infinity,
  )
  return { done, endedAt }
}

/** A collective is found by the number of the call; the n-th send of a pair meets the n-th recv of it. */
const keyOf = (part: Done, step: Collective | Transfer, pairs: Map<string, number>): string => {
  if (step.kind === "collective") return `c${step.communicator}/${part.call}`
  const pair =
    step.kind === "send"
      ? `t${step.communicator}/${part.rank}>${step.peer}`
      : `t${step.communicator}/${step.peer}>${part.rank}`
  const nth = (pairs.get(`${step.kind}${pair}`) ?? 0) + 1
  pairs.set(`${step.kind}${pair}`, nth)
  return `${pair}#${nth}`
}

type Frozen = (process: number) => number

const endOf = (world: World, meeting: Meeting, part: Done, frozen: Frozen): number =>
  part.step.kind === "collective"
    ? collectiveEnd(world, meeting, part, part.step, frozen)
    : transferEnd(world, meeting, part, part.step, frozen)

/** Nobody can leave before everybody has come: there is nothing to settle yet. */
const isForAll = ({ arrived }: Meeting): boolean => {
  for (const { step } of arrived.values()) return step.kind === "collective" && !rooted.has(step.op)
  return false
}

const rooted = new Set(["broadcast", "scatter", "reduce", "gather"])

/** Who must have come before this one can leave: everybody, the root alone, or nobody. */
const neededBy = (step: Collective, rank: number): "all" | "root" | "nobody" => {
  switch (step.op) {
    case "broadcast":
    case "scatter":
      return rank === step.root ? "nobody" : "root"
    case "reduce":
    case "gather":
      return rank === step.root ? "all" : "nobody"
    default:
      return "all"
  }
}

const collectiveEnd = (world: World, meeting: Meeting, part: Done, step: Collective, frozen: Frozen): number => {
  const needed = neededBy(step, part.rank)
  const transfer = meeting.transferMicros
  const root = needed === "root" ? meeting.arrived.get(step.root) : undefined
  if (needed === "all" && meeting.arrived.size < meeting.size) return Infinity
  if (needed === "root" && root === undefined) return Infinity
  const ready = needed === "all" ? meeting.latest : Math.max(part.start, root?.start ?? 0)
  const stops = needed === "all" ? meeting.frozen : root === undefined ? Infinity : frozen(root.process)
  const left = ready + (needed === "nobody" ? transfer / 2 : transfer)
  return stops < ready + transfer / 2 || left > world.networkDeadAt ? Infinity : left
}

const agree = (world: World, one: Collective, other: Collective): boolean =>
  one.op === other.op &&
  (world.toleratesDisagreement ||
    (one.count === other.count && one.dataType === other.dataType && one.root === other.root))

/** Small sends leave their bytes with the network and go on; large ones wait for the receiver. */
const transferEnd = (world: World, meeting: Meeting, part: Done, step: Transfer, frozen: Frozen): number => {
  const transfer = meeting.transferMicros
  const eager = step.kind === "send" && step.bytes < eagerBytes
  if (eager) return part.start + 5 > world.networkDeadAt ? Infinity : part.start + 5
  if (meeting.arrived.size < 2) return Infinity
  const [one, other] = [...meeting.arrived.values()]
  const ready = Math.max(one!.start, other!.start)
  const peer = one === part ? other! : one!
  const waits = !(step.kind === "recv" && step.bytes < eagerBytes)
  if (waits && frozen(peer.process) < ready + transfer / 2) return Infinity
  return ready + transfer > world.networkDeadAt ? Infinity : ready + transfer
}
