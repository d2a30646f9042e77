// Propeller's tasks on the real program: paths and WebAssembly, run as processes, sampled in the rhythm of their profile, accounted for.

import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { TaskAnswer } from "../../src/wire/tasks.ts"
import { quietPorts, type Running, scratch, serve, until } from "../program.ts"
import { adder } from "./adder.ts"

describe("tasks", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let agent: Running
  const start = async () => {
    agent = await serve(["agent", ...quietPorts, "--data", "data", "--telemetry-interval", "0.2", "--node-id", "p-1"], {
      cwd: folder.path,
    })
  }
  const ask = async (path: string, method = "GET", body?: unknown) => {
    const response = await fetch(new URL(path, agent.ready.http), {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      location: response.headers.get("location"),
      body: text === "" ? null : (JSON.parse(text) as unknown),
    }
  }
  const over = (id: string) =>
    until(
      async () => {
        const task = (await ask(`/tasks/${id}`)).body as TaskAnswer
        return task.finish_time === null ? null : task
      },
      `the end of ${id}`,
      30_000,
    )

  beforeAll(async () => {
    folder = await scratch()
    await writeFile(join(folder.path, "loop.sh"), "echo begun $1 $SECRET\nwhile :; do sleep 0.1; done\n")
    await writeFile(join(folder.path, "says.sh"), "#!/bin/sh\necho said $1 $SECRET\nexit $2\n")
    await chmod(join(folder.path, "says.sh"), 0o755)
    await start()
  })
  afterAll(async () => {
    await agent.stop()
    await folder.remove()
  })

  it("add two numbers in WebAssembly, and report the sum", async () => {
    const task = { id: "add-1", name: "add", file: adder, inputs: [2, 40] }
    const taken = await ask("/tasks", "POST", task)
    expect(taken).toMatchObject({ status: 201, location: "/tasks/add-1", body: { id: "add-1", file: "(module)" } })
    expect(await over("add-1")).toMatchObject({ state: 3, results: [42], error: "" })
    expect(await ask("/tasks", "POST", task)).toMatchObject({
      status: 409,
      body: { error: 'there is a task "add-1" already' },
    })
    await ask("/tasks", "POST", { ...task, id: "add-2", functionName: "subtract" })
    expect(await over("add-2")).toMatchObject({
      state: 4,
      results: expect.stringContaining("it has add, spin") as unknown,
    })
  }, 40_000)

  it("are sampled while they run, in the rhythm and with the history of their profile", async () => {
    const profile = { enabled: true, interval: 200_000_000, history_size: 3, collect_threads: false }
    await ask("/tasks", "POST", { id: "spin", name: "spin", file: adder, monitoring_profile: profile })
    const metrics = await until(
      async () => {
        const { body } = await ask("/tasks/spin/metrics")
        const { total, metrics } = body as { total: number; metrics: ReadonlyArray<Record<string, never>> }
        return total === 3 ? metrics : null
      },
      "three looks",
      30_000,
    )
    expect(metrics.at(-1)).toMatchObject({
      task_id: "spin",
      proplet_id: "p-1",
      metrics: { memory_bytes: expect.any(Number) as unknown, thread_count: 0 },
      aggregated: { sample_count: 3 },
    })
    const { metrics: last } = metrics.at(-1) as unknown as { metrics: { memory_bytes: number } }
    expect(last.memory_bytes).toBeGreaterThan(10_000_000)
    expect((await ask("/tasks/spin/start", "POST")).body).toMatchObject({ state: 2 })
    expect((await ask("/tasks/spin", "DELETE")).status).toBe(409)
    expect((await ask("/tasks/spin/stop", "POST")).status).toBe(200)
    await until(async () => (((await ask("/tasks/spin")).body as TaskAnswer).state === 3 ? true : null), "the stop")
    expect((await ask("/tasks/spin/stop", "POST")).status).toBe(409)
  }, 60_000)

  it("run programs and scripts below the script roots, keep their secrets, and outlive the agent", async () => {
    const env = { SECRET: "s3cret" }
    await ask("/tasks", "POST", { id: "fails", file: "says.sh", cli_args: ["a b", "3"], env })
    expect(await over("fails")).toMatchObject({
      state: 4,
      results: "said a b s3cret",
      error: "it ended with exit code 3",
      env: { SECRET: "[redacted]" },
    })
    const held = await ask("/tasks", "POST", { id: "loop", file: "loop.sh", env, start: false, daemon: true })
    expect(held.body).toMatchObject({ state: 0, monitoring_profile: { interval: 120e9, history_size: 500 } })
    await agent.stop("SIGKILL")
    await start()
    await ask("/tasks/loop/start", "POST")
    await until(async () => (((await ask("/tasks/loop")).body as TaskAnswer).state === 2 ? true : null), "the start")
    await agent.stop("SIGKILL")
    await start()
    expect((await ask("/tasks/loop")).body).toMatchObject({ state: 2 })
    await ask("/tasks/loop/stop", "POST")
    expect(await over("loop")).toMatchObject({ state: 3, results: "begun s3cret" })
    expect((await ask("/tasks?limit=1&offset=1")).body).toMatchObject({
      offset: 1,
      limit: 1,
      total: 5,
      tasks: [{ id: "add-2" }],
    })
    expect((await ask("/tasks/loop", "DELETE")).status).toBe(204)
    expect((await ask("/tasks/loop")).status).toBe(404)
  }, 60_000)

  it("are refused with what would be right", async () => {
    const refusal = async (body: unknown) => {
      const { status, body: answer } = await ask("/tasks", "POST", body)
      return `${status} ${(answer as { error: string }).error}`
    }
    expect(await refusal({ name: "x", imageURL: "registry.example/x:v1" })).toContain("400 no registry is reached")
    expect(await refusal({ name: "x" })).toContain("file is missing")
    expect(await refusal({ file: "/etc/passwd" })).toContain("lies outside the folders")
    expect(await refusal({ file: "a.sh", monitoring_profile: "eager" })).toContain("there are standard, minimal")
    for (const interval of [0, -1, 0.01, 1_000_000, 1e18])
      expect(await refusal({ file: "a.sh", monitoring_profile: { interval } })).toContain("0.1 to 86400 s is right")
    expect((await ask("/tasks/nobody/start", "POST")).status).toBe(404)
    expect((await ask("/tasks?limit=x")).status).toBe(400)
    expect((await ask("/health")).body).toEqual({ status: "pass" })
    expect((await ask("/proplets")).body).toMatchObject({ total: 1, proplets: [{ id: "p-1", alive: true }] })
    const measured = await until(async () => {
      const { body } = await ask("/proplets/p-1/metrics")
      return (body as { total: number }).total > 0 ? body : null
    }, "the first sample of the host")
    expect(measured).toMatchObject({
      metrics: [{ proplet_id: "p-1", namespace: "default", metrics: { version: "v1", cpu: {}, memory: {} } }],
    })
    expect((await ask("/proplets/nobody")).status).toBe(404)
  })
})
