// Seed 000's agent API on the real program: its examples by curl, as they stand there.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { scratch, until } from "../program.ts"
import { wants } from "../support/wants.ts"
import { type Agent, agent, curl } from "./drive.ts"

// Real programs and real protocols on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

wants("curl").describe("the examples of seed 000", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let running: Agent
  const json = ["-H", "Content-Type: application/json"]
  beforeAll(async () => {
    folder = await scratch()
    writeFileSync(join(folder.path, "launch.sh"), 'echo "$PORT"; trap "exit 0" TERM; while :; do sleep 0.05; done\n')
    writeFileSync(join(folder.path, "stubborn.sh"), "trap '' TERM; (setsid sleep 300 &); while :; do sleep 1; done\n")
    writeFileSync(join(folder.path, "quick.sh"), "exit 3\n")
    writeFileSync(join(folder.path, "closed.sh"), "exit 0\n", { mode: 0o000 })
    mkdirSync(join(folder.path, "folder.sh"))
    running = await agent(join(folder.path, "data"), ["--telemetry-interval", "0.3"], folder.path)
  })
  afterAll(async () => {
    await running.ask("POST", "/stop")
    await running.stop()
    await folder.remove()
  })
  const url = (path: string) => `${running.http}${path}`
  const post = (path: string, ...args: ReadonlyArray<string>) => curl("-X", "POST", url(path), ...args)

  it("before the first start nothing runs", async () => {
    expect((await curl(url("/status"))).body).toEqual({
      current_status: "not_running",
      current_pid: null,
      last_execution: null,
    })
    expect(await post("/stop")).toEqual({ status: 400, body: { error: "No process running" } })
    expect((await curl(url("/metrics"))).body.metrics.process_metrics).toBeNull()
  })

  it("starts with environment variables, shows its status and its metrics, and stops", async () => {
    const env = { DEBUG: "true", PORT: "3000", NODE_ENV: "development", SECRET: "s3cret" }
    const started = await post("/start", ...json, "-d", JSON.stringify({ env_vars: env }))
    expect(started).toMatchObject({ status: 200, body: { current_status: "started" } })
    const { current_pid: pid, last_execution: execution } = started.body
    expect(Object.keys(started.body)).toEqual(["current_status", "current_pid", "last_execution"])
    expect(execution).toEqual({
      start_time: execution.start_time,
      end_time: null,
      exit_code: null,
      exit_signal: null,
      pid,
      env_vars: env,
      script_path: "launch.sh",
    })
    expect(Math.abs(execution.start_time - Date.now() / 1000)).toBeLessThan(5)
    const status = await curl(url("/status"))
    expect(status.body).toMatchObject({
      current_status: "running",
      current_pid: pid,
      last_execution: { env_vars: { ...env, SECRET: "[redacted]" } },
    })
    expect(await post("/start")).toEqual({
      status: 400,
      body: { error: "A process is already running. Stop it first." },
    })
    const metrics = await until(async () => {
      const { body } = await curl(url("/metrics"))
      return typeof body.metrics.process_metrics?.cpu_usage === "number" ? body : null
    }, "two samples")
    expect(metrics.metrics.process_metrics).toMatchObject({
      pid,
      name: "launch.sh",
      status: expect.any(String) as string,
    })
    expect(metrics.metrics.system_memory_total_bytes).toBeGreaterThan(0)
    expect(metrics.derived_metrics.memory_usage_percent).toBeGreaterThan(0)
    const stopped = await post("/stop")
    expect(stopped).toMatchObject({
      status: 200,
      body: { current_status: "stopped", current_pid: null, last_execution: { exit_code: 0, exit_signal: null, pid } },
    })
    expect((await curl(url("/status"))).body.current_status).toBe("not_running")
  })

  it("restarts with a new configuration, running or not", async () => {
    const again = await post(
      "/restart",
      ...json,
      "-d",
      '{"env_vars":{"DEBUG":"false","PORT":"8000","NODE_ENV":"production"}}',
    )
    expect(again).toMatchObject({
      status: 200,
      body: { current_status: "started", last_execution: { env_vars: { PORT: "8000" } } },
    })
    const other = await post("/restart", ...json, "-d", '{"script_path":"stubborn.sh"}')
    expect(other.body.last_execution).toMatchObject({ env_vars: null, script_path: "stubborn.sh" })
    expect(other.body.current_pid).not.toBe(again.body.current_pid)
  })

  it("lets each of several restarts at once replace what the one before started", async () => {
    const asked = ["1", "2", "3", "4"].map((port) =>
      running.ask("POST", "/restart", { script_path: "launch.sh", env_vars: { PORT: port } }),
    )
    const answers = await Promise.all(asked)
    expect(answers.map(({ status, body }) => [status, body.current_status])).toEqual(
      answers.map(() => [200, "started"]),
    )
    const pids = answers.map(({ body }) => body.current_pid)
    expect(new Set(pids).size).toBe(4)
    const { body } = await running.ask("GET", "/status")
    expect(pids).toContain(body.current_pid)
    await running.ask("POST", "/restart", { script_path: "stubborn.sh" })
  })

  it("ends by force what does not listen, with everything that it started", async () => {
    const began = performance.now()
    const stopped = await post("/stop")
    expect(stopped.body).toMatchObject({
      current_status: "force_stopped",
      last_execution: { exit_code: null, exit_signal: 9 },
    })
    expect(performance.now() - began).toBeGreaterThan(9_500)
  }, 20_000)

  it("says exited once it ended by itself", async () => {
    await post("/start", ...json, "-d", '{"script_path":"quick.sh"}')
    const status = await until(async () => {
      const { body } = await curl(url("/status"))
      return body.current_status === "exited" ? body : null
    }, "its end")
    expect(status).toMatchObject({ current_pid: null, last_execution: { exit_code: 3, exit_signal: null } })
  })

  const isRoot = process.getuid?.() === 0
  const bad: ReadonlyArray<readonly [string, string, number, RegExp]> = [
    [
      "a missing script",
      '{"script_path":"nowhere.sh"}',
      500,
      /^Failed to start process: script not found: nowhere.sh$/,
    ],
    ["a directory", '{"script_path":"folder.sh"}', 500, /^Failed to start process: script is not a regular file/],
    ...(isRoot
      ? []
      : ([["a script that is not readable", '{"script_path":"closed.sh"}', 500, /not readable/]] as const)),
    ["a script outside the roots", '{"script_path":"../launch.sh"}', 400, /outside the folders/],
    ["an absolute one elsewhere", '{"script_path":"/etc/hostname"}', 400, /outside the folders/],
    ["a NUL", '{"script_path":"a\\u0000b"}', 400, /NUL/],
    ["a non-string env value", '{"env_vars":{"A":1}}', 400, /string values; that of "A" is a number/],
    ["1 MB of env", JSON.stringify({ env_vars: { A: "x".repeat(200_000) } }), 500, /E2BIG/],
    ["an unknown field", '{"script":"launch.sh"}', 400, /the field "script" is unknown/],
    ["an array", "[]", 400, /JSON object/],
  ]
  it.each(bad)("refuses %s, writes it down and starts nothing", async (_, body, code, says) => {
    const file = join(folder.path, "body.json")
    writeFileSync(file, body)
    const head = async () => Number((await fetch(url("/status"))).headers.get("annalist-position"))
    const before = await head()
    const answer = await post("/start", ...json, "-d", `@${file}`)
    expect(answer.status).toBe(code)
    expect(Object.keys(answer.body)).toEqual(["error"])
    expect(answer.body.error).toMatch(says)
    const events = await (
      await fetch(url(`/v1/events?from=${before + 1}&types=CommandRefused,ProcessBootFailed,ProcessBooted`))
    ).text()
    const types = events
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { type: string }).type]))
    expect(types).toEqual([code === 400 ? "CommandRefused" : "ProcessBootFailed"])
  })
})
