// A close look at one process of this host: what it waits for in the kernel, and what it does from one quarter of a second to the next.

import { readFile } from "node:fs/promises"
import { Effect } from "effect"
import type { ProcessExamined } from "../../domain/events/EvidenceEvents.ts"

/** Many more looks than samples take, for as long as an alert may wait. */
const looks = 8
const lookMillis = 250
const maxStack = 32

export type Findings = Pick<
  ProcessExamined,
  "startTicks" | "state" | "waitChannel" | "kernelStack" | "threads" | "looks"
>

interface Stat {
  readonly state: string
  readonly cpuTicks: number
  readonly threads: number
  readonly startTicks: number
}

export const examine = Effect.fn("examine")(function* (procRoot: string, pid: number) {
  const first = yield* statOf(procRoot, pid)
  if (first === null) return gone
  const seen: Array<readonly [number, string, number]> = [[0, first.state, first.cpuTicks]]
  const waitChannel = yield* textOf(`${procRoot}/${pid}/wchan`)
  const stack = yield* textOf(`${procRoot}/${pid}/stack`)
  let last = first
  for (let look = 1; look < looks; look++) {
    yield* Effect.sleep(lookMillis)
    const now = yield* statOf(procRoot, pid)
    if (now === null || now.startTicks !== first.startTicks) break
    seen.push([look * lookMillis, now.state, now.cpuTicks])
    last = now
  }
  const findings: Findings = {
    startTicks: first.startTicks,
    state: last.state,
    // "0" is a process that runs, or a kernel that does not tell.
    waitChannel: waitChannel === null || waitChannel === "0" || waitChannel === "" ? null : waitChannel,
    kernelStack: (stack ?? "")
      .split("\n")
      .map((line) => line.replace(/^\[<[^\]]*>\] /, "").trim())
      .filter((line) => line !== "")
      .slice(0, maxStack),
    threads: last.threads,
    looks: seen,
  }
  return findings
})

const gone: Findings = {
  startTicks: null,
  state: null,
  waitChannel: null,
  kernelStack: [],
  threads: null,
  looks: [],
}

/** proc(5) counts its fields from 1; behind the name, which may hold anything, the state is field 3. */
const statOf = (procRoot: string, pid: number): Effect.Effect<Stat | null> =>
  Effect.map(textOf(`${procRoot}/${pid}/stat`), (text) => {
    if (text === null) return null
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    const number = (field: number) => Number(fields[field - 3])
    return {
      state: fields[0] ?? "",
      cpuTicks: number(14) + number(15),
      threads: number(20),
      startTicks: number(22),
    }
  })

/** Null for what is not there, or not ours to read. */
const textOf = (path: string): Effect.Effect<string | null> =>
  Effect.promise(() =>
    readFile(path, "latin1").then(
      (text) => text.trimEnd(),
      () => null,
    ),
  )
