// The one path through every room, on the real program: boot, sample, report, fall silent, verdict, export, open, look back.

import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, run, type Running, scratch, serve, until } from "../program.ts"

interface VerdictAnswer {
  readonly verdict: string
  readonly sentence: string
  readonly culprits: ReadonlyArray<{ readonly rank: number; readonly pid: number | null; readonly label: string }>
  readonly waiting: ReadonlyArray<number>
  readonly evidence: ReadonlyArray<number>
  readonly position: number
}

const json = { "content-type": "application/json" }

describe("the path through the real program", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let agent: Running
  const session = () => join(folder.path, "session.ndjson")
  const ask = (path: string, init?: RequestInit) => fetch(new URL(path, agent.ready.http), init)
  const askText = async (path: string) => (await ask(path)).text()

  beforeAll(async () => {
    folder = await scratch()
    agent = await serve([
      "agent",
      ...quietPorts,
      "--data",
      join(folder.path, "data"),
      "--hang-limit",
      "2",
      "--telemetry-interval",
      "0.5",
    ])
  })
  afterAll(async () => {
    await fetch(new URL("/stop", agent.ready.http), { method: "POST" }).catch(() => null)
    await agent.stop()
    await folder.remove()
  })

  it("boots the job, and /status shows it", async () => {
    const answer = await ask("/start", {
      method: "POST",
      headers: json,
      body: JSON.stringify({
        script_path: "fixtures/jobs/four-ranks.sh",
        env_vars: {
          CCL_URL: agent.ready.ccl ?? "",
          RENDEZVOUS: join(folder.path, "rendezvous"),
          STOP_RANK: "2",
          STOP_ROUND: "10",
        },
      }),
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ current_status: "started", last_execution: { exit_code: null } })
    expect(JSON.parse(await askText("/status"))).toMatchObject({ current_status: "running" })
  })

  it("samples the host and the process", async () => {
    const metrics = await until(async () => {
      const answer = JSON.parse(await askText("/metrics")) as {
        metrics: {
          system_cpu_usage: number | null
          process_metrics: { memory_bytes: number | null; name: string } | null
        }
      }
      const { system_cpu_usage: cpu, process_metrics: own } = answer.metrics
      return cpu !== null && typeof own?.memory_bytes === "number" ? answer.metrics : null
    }, "a sample of host and process")
    expect(metrics.process_metrics?.name).toBe("four-ranks.sh")
    expect(metrics.process_metrics?.memory_bytes).toBeGreaterThan(0)
  })

  it("names the rank that fell silent", async () => {
    const verdict = await until(async () => {
      const answer = JSON.parse(await askText("/v1/ccl/verdict")) as VerdictAnswer
      return answer.verdict === "missing_rank" && answer.sentence.includes("stopped (T)") ? answer : null
    }, "the verdict")
    expect(verdict.culprits).toHaveLength(1)
    expect(verdict.culprits[0]).toMatchObject({ rank: 2 })
    expect(verdict.waiting).toEqual([0, 1, 3])
    expect(verdict.evidence.length).toBeGreaterThan(0)
    expect(verdict.sentence).toMatch(
      /^rank 2 \(pid \d+.*\) never entered allreduce #10 of allreduce\.cpp; stopped \(T\) for \d+ s; 3 ranks wait$/,
    )
  })

  it("says the same bytes live, at that moment, offline, and from the terminal", async () => {
    const live = await ask("/v1/ccl/verdict")
    const bytes = await live.text()
    const position = live.headers.get("annalist-position")
    expect(position).toMatch(/^\d+$/)
    expect(await askText(`/v1/ccl/verdict?at=${position}`)).toBe(bytes)

    const exported = await run(["export", "--url", agent.ready.http, "-o", session()])
    expect(exported).toMatchObject({ code: 0 })
    expect((await run(["verify", session()])).code).toBe(0)

    const opened = await serve(["open", session(), "--port", "0"])
    try {
      for (const route of ["/v1/ccl/verdict", "/status", "/metrics", "/v1/processes"]) {
        const past = `${route}?at=${position}`
        expect(await (await fetch(new URL(past, opened.ready.http))).text(), route).toBe(await askText(past))
      }
      expect(await (await fetch(new URL(`/v1/ccl/verdict?at=${position}`, opened.ready.http))).text()).toBe(bytes)
      const refused = await fetch(new URL("/stop", opened.ready.http), { method: "POST" })
      expect(refused.status).toBeGreaterThanOrEqual(400)
    } finally {
      await opened.stop()
    }
    const explained = await run(["explain", session(), "--at", position ?? "", "--json"])
    expect(explained.code).toBe(3)
    expect(explained.stdout.trimEnd()).toBe(bytes)
  })

  it("was healthy before, and says so at that moment", async () => {
    const events = (await askText("/v1/events?types=CollectiveFinished&limit=1")).split("\n")[0] ?? ""
    const { position } = JSON.parse(events) as { position: number }
    expect(JSON.parse(await askText(`/v1/ccl/verdict?at=${position}`))).toMatchObject({ verdict: "healthy" })
  })

  it("stops the whole tree, the stopped rank too", async () => {
    const stopped = await ask("/stop", { method: "POST" })
    expect(stopped.status).toBe(200)
    expect(await stopped.json()).toMatchObject({ current_pid: null })
    expect(JSON.parse(await askText("/status"))).toMatchObject({ current_status: "not_running", current_pid: null })
  })
})
