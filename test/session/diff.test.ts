// Two sessions compared: chance is passed over, the first real difference is named, and what is slower is told with its effect.

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Change, changes, cliffsDelta } from "../../src/session/diff/slower.ts"
import type { Event } from "../../src/domain/Event.ts"
import { ProcessId } from "../../src/domain/Brands.ts"
import { annalist } from "../cli/given.ts"
import { booted, collective, exited, recordedOf, requested, sessionOf, started } from "./given.ts"

interface Run {
  readonly prefix?: string
  readonly order?: ReadonlyArray<number>
  readonly op?: string
  readonly micros?: number
  readonly routineMicros?: number
  readonly code?: number
}

/** A run of four ranks in ten rounds, one process and one job; what a run may differ in is said. */
const runOf = ({ prefix = "a", order = [0, 1, 2, 3], op = "allreduce", ...rest }: Run): ReadonlyArray<Event> => {
  const { micros = 100, routineMicros = 50, code = 0 } = rest
  const process = ProcessId(`${prefix}-7`)
  const rounds = Array.from({ length: 10 }, (_, round) =>
    order.map((rank): Event => {
      const base = { ...collective(rank), _tag: "CollectiveFinished", op: round === 6 ? op : "allreduce" }
      const reporter = { key: `${prefix}:${rank}`, runId: prefix, host: prefix, pid: rank + prefix.length * 100 }
      return { ...base, reporter, startTime: 1000 * round, endTime: 1000 * round + micros + round } as Event
    }),
  )
  const routines = Array.from({ length: 6 }, (_, index): Event => ({
    _tag: "RoutineFinished",
    job: `${prefix}-job`,
    call: index + 1,
    routine: "resize",
    durationMicros: routineMicros + index,
    result: null,
    shared: null,
  }))
  return [
    started,
    { ...requested("worker"), process } as Event,
    { ...booted("worker"), process, identity: { bootId: prefix, pid: prefix.length, startTicks: 4 } } as Event,
    ...rounds.flat(),
    ...routines,
    { ...exited("worker"), process, code } as Event,
  ]
}

describe("the difference of two sessions", () => {
  let folder = ""
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-diff-test-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const put = async (name: string, run: Run) => {
    const path = join(folder, name)
    await writeFile(path, await Effect.runPromise(sessionOf(recordedOf(runOf(run)))))
    return path
  }

  it("is none between two runs of the same, whatever their ids, pids, hosts, and the order in which ranks came", async () => {
    const one = await put("one", {})
    const other = await put("other", { prefix: "bb", order: [3, 1, 0, 2] })
    const { code, out, err } = await annalist("diff", one, other, "--fail-on", "divergence,slower")
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toMatch(/^the same happened in both/)
  })

  it("is the first step of a course that is another", async () => {
    const one = await put("one", {})
    const other = await put("other", { prefix: "bb", op: "broadcast", code: 3 })
    const { code, out } = await annalist("diff", one, other, "--json", "--fail-on", "divergence")
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      divergence: {
        course: "rank 0",
        a: { position: 28, type: "CollectiveFinished", data: { op: "allreduce" } },
        b: { position: 28, data: { op: "broadcast" } },
      },
    })
    expect((await annalist("diff", one, other)).code).toBe(0)
  })

  it("is where a process ended otherwise, when all else is the same", async () => {
    const { out } = await annalist("diff", await put("one", {}), await put("other", { code: 3 }))
    expect(out).toMatch(/^they part in process worker:\n {2}A position \d+: ProcessExited .*\n {2}B .*"code":3/)
  })

  it("tells what takes longer, and fails on it when told", async () => {
    const one = await put("one", {})
    const other = await put("other", { micros: 150, routineMicros: 200 })
    const { code, out } = await annalist("diff", one, other, "--json", "--fail-on", "slower")
    expect(code).toBe(3)
    const { changes: found } = JSON.parse(out) as { readonly changes: ReadonlyArray<Change> }
    const verdicts = Object.fromEntries(found.map(({ group, verdict }) => [group, verdict]))
    expect(verdicts).toEqual({
      "operation allreduce of allreduce.cpp": "slower",
      "routine resize": "slower",
      "process worker": "few",
    })
    expect((await annalist("diff", other, one, "--fail-on", "slower")).code).toBe(0)
  })

  it("takes one sentence to refuse what it cannot compare", async () => {
    const one = await put("one", {})
    expect(await annalist("diff", one, join(folder, "nowhere"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nowhere does not exist\n$/) as string,
    })
    expect(await annalist("diff", one, one, "--fail-on", "anything")).toMatchObject({
      code: 2,
      err: `annalist: --fail-on takes divergence, slower or both, not "anything"\n`,
    })
  })

  it("has an effect of 1 when all took longer, -1 when all took less, 0 when as many did", () => {
    expect(cliffsDelta([1, 2, 3], [4, 5])).toBe(1)
    expect(cliffsDelta([4, 5], [1, 2, 3])).toBe(-1)
    expect(cliffsDelta([1, 2, 3], [1, 2, 3])).toBe(0)
    const [noise] = changes(new Map([["x", [9, 10, 11, 12, 13]]]), new Map([["x", [9, 10, 11, 12, 14]]]))
    expect(noise?.verdict).toBe("same")
  })
})
