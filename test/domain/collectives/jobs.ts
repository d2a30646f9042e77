// Jobs as people run them: who belongs to which communicator, and what each process does in which order.

import type { Chance } from "./Chance.ts"
import type { Collective, Step } from "./simulator.ts"

export type LayoutName = "world" | "twins" | "two-jobs" | "two-runs" | "halves"

export interface Layout {
  readonly name: LayoutName
  readonly processes: number
  readonly communicators: ReadonlyArray<ReadonlyArray<number>>
  /** Which job a process belongs to; communicators of one job never hold another's processes. */
  readonly jobOf: (process: number) => number
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

export const layoutOf = (name: LayoutName, size: number): Layout => {
  const world = range(0, size)
  switch (name) {
    case "world":
      return { name, processes: size, communicators: [world], jobOf: () => 0 }
    case "twins":
      return { name, processes: size, communicators: [world, world], jobOf: () => 0 }
    case "two-jobs":
    case "two-runs":
      return {
        name,
        processes: 2 * size,
        communicators: [world, range(size, 2 * size)],
        jobOf: (process) => (process < size ? 0 : 1),
      }
    case "halves":
      return {
        name,
        processes: 2 * size,
        communicators: [range(0, 2 * size), range(0, size), range(size, 2 * size)],
        jobOf: () => 0,
      }
  }
}

export type Style = "plain" | "buckets" | "sharded" | "rooted" | "ring" | "pairs"

export interface Plan {
  readonly style: Style
  readonly iterations: number
  readonly computeMicros: number
  readonly jitter: number
  readonly bytesPerTransfer: number
}

const call = (communicator: number, op: string, count: number, root = -1, file = `${op}.cpp`): Collective => ({
  kind: "collective",
  communicator,
  op,
  count,
  dataType: "float32",
  root,
  file,
})

/** What one iteration asks of a communicator of `size` ranks, as rank `rank`, compute left out. */
const bodyOf = (plan: Plan, communicator: number, size: number, rank: number, iteration: number): Array<Step> => {
  const every = (n: number, steps: Array<Step>) => (iteration % n === n - 1 ? steps : [])
  switch (plan.style) {
    case "plain":
      return [call(communicator, "allreduce", 1024)]
    case "buckets":
      return [
        call(communicator, "allreduce", 4096),
        call(communicator, "allreduce", 65_536),
        call(communicator, "allreduce", 512),
        ...every(10, [call(communicator, "barrier", 0)]),
      ]
    case "sharded":
      return [
        call(communicator, "allgather", 8192),
        call(communicator, "allgather", 8192),
        call(communicator, "reduce_scatter", 8192),
        ...every(5, [call(communicator, "allreduce", 1)]),
      ]
    case "rooted":
      return [
        call(communicator, "broadcast", 2048, 0),
        call(communicator, "allreduce", 2048),
        call(communicator, "reduce", 16, 0),
        ...every(8, [call(communicator, "barrier", 0)]),
      ]
    case "ring":
      return [...exchange(plan, communicator, size, rank), call(communicator, "allreduce", 256)]
    case "pairs":
      return [...swap(plan, communicator, size, rank), call(communicator, "allreduce", 256)]
  }
}

/** Even ranks send first, odd ones receive first, the last of an odd ring waits for both: no cycle. */
const exchange = (plan: Plan, communicator: number, size: number, rank: number): Array<Step> => {
  const to = (rank + 1) % size
  const from = (rank + size - 1) % size
  const send: Step = { kind: "send", communicator, peer: to, bytes: plan.bytesPerTransfer, file: "ring.cpp" }
  const recv: Step = { kind: "recv", communicator, peer: from, bytes: plan.bytesPerTransfer, file: "ring.cpp" }
  return rank % 2 === 0 ? [send, recv] : [recv, send]
}

/** Ranks 2k and 2k + 1 exchange: the even one sends first. */
const swap = (plan: Plan, communicator: number, size: number, rank: number): Array<Step> => {
  const peer = rank % 2 === 0 ? rank + 1 : rank - 1
  if (peer >= size) return []
  const part = { communicator, peer, bytes: plan.bytesPerTransfer, file: "pairs.cpp" }
  const steps: Array<Step> = [
    { kind: "send", ...part },
    { kind: "recv", ...part },
  ]
  return rank % 2 === 0 ? steps : steps.reverse()
}

/** The program of every process: per iteration and communicator it computes, then takes part. */
export const programsOf = (layout: Layout, plan: Plan, chance: Chance): Array<Array<Step>> =>
  range(0, layout.processes).map((process) => {
    const program: Array<Step> = []
    for (let iteration = 0; iteration < plan.iterations; iteration++) {
      for (const [communicator, members] of layout.communicators.entries()) {
        const rank = members.indexOf(process)
        if (rank < 0) continue
        for (const step of bodyOf(plan, communicator, members.length, rank, iteration)) {
          program.push({ kind: "compute", micros: plan.computeMicros * chance.factor(plan.jitter) }, step)
        }
      }
    }
    return program
  })
