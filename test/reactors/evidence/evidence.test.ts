// Evidence in the real program: ranks whose processes nobody here started, one of them stopped by a signal.

import { type ChildProcess, spawn } from "node:child_process"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { VerdictAnswer } from "../../../src/wire/verdict.ts"
import { quietPorts, run, type Running, scratch, serve, until } from "../../program.ts"

describe("evidence of a verdict that turned bad", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let agent: Running
  const ranks: Array<ChildProcess> = []

  beforeAll(async () => {
    folder = await scratch()
    agent = await serve(["agent", ...quietPorts, "--data", "data", "--hang-limit", "1"], { cwd: folder.path })
    for (let rank = 0; rank < 3; rank++) ranks.push(spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]))
  })
  afterAll(async () => {
    for (const one of ranks) one.kill("SIGKILL")
    await agent.stop()
    await folder.remove()
  })

  const record = (rank: number, ordinal: number, finished: boolean): string =>
    JSON.stringify({
      opType: "allreduce",
      count: 8,
      context_rank: rank,
      context_size: 3,
      startTime: 1_000_000 * ordinal + rank,
      endTime: finished ? 1_000_000 * ordinal + 500 : 0,
      finished,
      filename: "train.py",
      run_id: "job",
      pid: ranks[rank]?.pid,
    })
  const post = (lines: ReadonlyArray<string>) =>
    fetch(new URL("/log_ccl", agent.ready.ccl ?? ""), {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    })

  it("says what the process behind the absent rank was found in, in the verdict, the log and explain", async () => {
    ranks[1]?.kill("SIGSTOP")
    const together = [1, 2, 3].flatMap((ordinal) =>
      [false, true].flatMap((finished) => [0, 1, 2].map((rank) => record(rank, ordinal, finished))),
    )
    await post([...together, record(0, 4, false), record(2, 4, false)])
    const verdict = await until(
      async () => {
        const answer = (await (await fetch(new URL("/v1/ccl/verdict", agent.ready.http))).json()) as VerdictAnswer
        return answer.examined.length > 0 ? answer : null
      },
      "evidence in the verdict",
      60_000,
    )
    expect(verdict.verdict).toBe("missing_rank")
    const [look, ...waiting] = verdict.examined
    expect(look).toMatchObject({ rank: 1, pid: ranks[1]?.pid, state: "T", cpu_percent: 0 })
    expect(waiting.map(({ rank, state }) => [rank, state])).toEqual([
      [0, "S"],
      [2, "S"],
    ])
    expect(verdict.evidence).toContain(look?.position)
    expect(verdict.culprits).toMatchObject([{ rank: 1, label: expect.stringContaining("stopped (T)") as string }])
    const events = await (await fetch(new URL("/v1/events?types=ProcessExamined", agent.ready.http))).text()
    expect(events.trimEnd().split("\n")).toHaveLength(3)
    const { stdout } = await run(["explain", agent.ready.http])
    expect(stdout).toContain(`rank 1 (pid ${ranks[1]?.pid}): state T`)
  }, 90_000)
})
