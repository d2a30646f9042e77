// Seed 002's process monitor on the real program: every example of it, bad input, and the same answers in a recording.

import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { quietPorts, run, type Running, scratch, serve, until } from "../program.ts"

// Real processes on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Answer {
  readonly status: number
  readonly body: Body
  readonly position: string | null
}

interface Entry {
  readonly pid: number
  readonly name: string
  readonly cpu_percent: number
  readonly memory_mb: number
  readonly status: string
  readonly parent_pid: number | null
}

interface Body extends Entry {
  readonly success: boolean
  readonly error: string
  readonly message: string
  readonly forced: boolean
  readonly timestamp: string
  readonly top_cpu: ReadonlyArray<Entry>
  readonly top_ram: ReadonlyArray<Entry>
  readonly processes: ReadonlyArray<Entry>
  readonly children: ReadonlyArray<Entry>
  readonly parent: Entry
  readonly history: ReadonlyArray<Entry & { readonly timestamp: string }>
  readonly statistics: Readonly<Record<string, number>> | null
  readonly data_points: number
  readonly total_processes: number
  readonly zombie_count: number
  readonly system_stats: Readonly<Record<string, number>>
  readonly num_fds: number
  readonly connections: number
  readonly open_files: number
  readonly cwd: string
}

let folder: Awaited<ReturnType<typeof scratch>>
let agent: Running
const children: Array<ReturnType<typeof spawn>> = []

const ask = async (path: string, init?: RequestInit, base = agent.ready.http): Promise<Answer> => {
  const response = await fetch(new URL(path, base), init)
  const body = (await response.json()) as Body
  return { status: response.status, body, position: response.headers.get("annalist-position") }
}

const kill = (pid: number | string, body?: unknown) =>
  ask(`/api/processes/${pid}/kill`, {
    method: "POST",
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  })

const start = (...argv: ReadonlyArray<string>) => {
  const [program = "sh", ...rest] = argv
  const child = spawn(program, rest, { stdio: "ignore" })
  children.push(child)
  return child.pid ?? 0
}

const seen = (pid: number, enough: (entry: Entry) => boolean = () => true) =>
  until(async () => {
    const { body } = await ask("/api/processes?limit=100")
    return body.processes.concat(body.top_ram).find((one) => one.pid === pid && enough(one)) ?? null
  }, `process ${pid} among the tops`)

beforeAll(async () => {
  folder = await scratch()
  writeFileSync(join(folder.path, "launch.sh"), "sleep 300 & wait\n")
  agent = await serve(["agent", ...quietPorts, "--data", join(folder.path, "data"), "--telemetry-interval", "0.3"], {
    cwd: folder.path,
  })
})
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL")
  await ask("/stop", { method: "POST" })
  await agent.stop()
  await folder.remove()
})

describe("the process monitor of seed 002", () => {
  it("says at start that it is there", () => {
    expect(agent.stderr()).toContain("[ProcessMonitor] Process monitoring enabled")
  })

  it("shows who takes most, by processor and by memory", async () => {
    const pid = start("sh", "-c", "while :; do :; done")
    const busy = await seen(pid, (one) => one.cpu_percent > 5)
    expect(busy).toMatchObject({
      name: "sh",
      parent_pid: process.pid,
      num_threads: 1,
      cmdline: "sh -c while :; do :; done",
    })
    const { status, body } = await ask("/api/processes")
    expect(status).toBe(200)
    expect(body.top_cpu).toHaveLength(10)
    expect(body.top_ram).toHaveLength(10)
    expect(body.processes.length).toBeLessThanOrEqual(30)
    const ram = body.top_ram.map(({ memory_mb }) => memory_mb)
    expect(ram).toEqual(ram.toSorted((a, b) => b - a))
    expect(Math.abs(Date.now() - Date.parse(body.timestamp))).toBeLessThan(30_000)
    expect(body.system_stats["total_processes"]).toBe(body.total_processes)
    expect(body.system_stats["memory_percent"]).toBeGreaterThan(0)
    const byMemory = await ask("/api/processes?sortBy=memory&limit=3")
    expect(byMemory.body.processes.map((one) => one.pid)).toEqual(byMemory.body.top_ram.map((one) => one.pid))
    expect(byMemory.body.top_cpu).toHaveLength(3)
  })

  it.each(["limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5", "limit="])("refuses %s", async (query) => {
    expect(await ask(`/api/processes?${query}`)).toMatchObject({
      status: 400,
      body: { error: "Limit must be between 1 and 100" },
    })
  })

  it("knows one process closely, even one that no sample has seen yet", async () => {
    const pid = start("sleep", "300")
    const { status, body } = await ask(`/api/processes/${pid}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      pid,
      name: "sleep",
      cmdline: "sleep 300",
      cwd: process.cwd(),
      num_fds: expect.toSatisfy((count: number) => count >= 3) as number,
      connections: 0,
      nice: 0,
      status: "sleeping",
      parent_pid: process.pid,
    })
    const self = await ask(`/api/processes/${agent.ready.pid}`)
    expect(self.body.connections).toBeGreaterThan(1)
    expect(self.body.open_files).toBeGreaterThan(1)
  })

  it.each(["abc", "-1", "1.5", "2147483648", "0", "99999999999"])("finds no process %s", async (pid) => {
    for (const path of ["", "/tree"]) {
      const { status, body } = await ask(`/api/processes/${pid}${path}`)
      expect(status).toBe(404)
      expect(body).toMatchObject({ success: false, error: "Process not found" })
    }
  })

  it("shows a process's parent and all its descendants", async () => {
    const pid = start("sh", "-c", "sh -c 'sleep 300; :'; :")
    const { body } = await until(async () => {
      const answer = await ask(`/api/processes/${pid}/tree`)
      return answer.status === 200 && answer.body.children.length === 2 ? answer : null
    }, "the tree")
    expect(body).toMatchObject({ success: true, pid, name: "sh", total_children: 2, parent: { pid: process.pid } })
    expect(body.children.map(({ name }) => name)).toEqual(["sh", "sleep"])
  })

  it("counts zombies, and shows them as such", async () => {
    const before = (await ask("/api/processes")).body.zombie_count
    // exec leaves a parent that never asks for the end of its child.
    const pid = start("sh", "-c", "(exit 0) & exec sleep 300")
    const tree = await until(async () => {
      const { body } = await ask(`/api/processes/${pid}/tree`)
      return body.children?.[0]?.status === "zombie" ? body : null
    }, "the zombie")
    expect(tree.children).toHaveLength(1)
    expect((await ask("/api/processes")).body.zombie_count).toBeGreaterThan(before)
  })

  it("ends a process politely, one that will not go by force, and one by force at once", async () => {
    const polite = start("sleep", "300")
    expect(await kill(polite)).toMatchObject({
      status: 200,
      body: {
        success: true,
        message: `Process sleep (PID: ${polite}) terminated successfully`,
        pid: polite,
        forced: false,
      },
    })
    const stubborn = start("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    // It rests most of the time: on a crowded host it is none of the tops.
    await until(async () => ((await ask(`/api/processes/${stubborn}/tree`)).status === 200 ? true : null), "its row")
    expect(await kill(stubborn, { force: false })).toMatchObject({
      status: 200,
      body: { message: `Process sh (PID: ${stubborn}) force killed after timeout`, name: "sh", forced: true },
    })
    const forced = start("sleep", "300")
    expect((await kill(forced, { force: true })).body).toMatchObject({ success: true, name: "sleep", forced: true })
    expect(await kill(forced)).toMatchObject({
      status: 400,
      body: { success: false, error: "Process not found or already terminated", pid: forced },
    })
    const audit = await ask("/v1/audit?limit=20")
    expect(JSON.stringify(audit.body)).toContain("HostProcessEndRequested")
  })

  it("ends a managed process with everything it started", async () => {
    const started = (await (await fetch(`${agent.ready.http}/start`, { method: "POST" })).json()) as {
      readonly current_pid: number
    }
    const pid = started.current_pid
    const child = await until(async () => {
      const { body } = await ask(`/api/processes/${pid}/tree`)
      return body.children?.[0]?.pid ?? null
    }, "the script's child")
    expect((await ask(`/api/processes/${pid}`)).body).toMatchObject({
      exits: expect.stringContaining("exact") as string,
    })
    expect((await kill(pid)).body).toMatchObject({ success: true, name: "launch.sh", forced: false })
    expect(() => process.kill(child, 0)).toThrow("ESRCH")
  })

  it("refuses to end itself, its parents, the first process, and what makes no sense", async () => {
    for (const pid of [agent.ready.pid, process.pid, 1]) {
      const { status, body } = await kill(pid)
      expect([status, body.success, body.pid]).toEqual([400, false, pid])
      expect(body.error).toMatch(/^Failed to kill process: /)
    }
    expect((await kill("abc")).status).toBe(404)
    expect((await kill(2 ** 31)).status).toBe(404)
    expect(await kill(0)).toMatchObject({ status: 400, body: { success: false } })
    expect(await kill(4_000_000)).toMatchObject({
      status: 400,
      body: { error: "Process not found or already terminated" },
    })
    expect(await kill(agent.ready.pid, { force: "yes" })).toMatchObject({ status: 400, body: { success: false } })
  })

  it("keeps a process's history, with statistics over the hours asked for", async () => {
    const pid = start("sh", "-c", "while :; do :; done")
    const { body } = await until(async () => {
      const answer = await ask(`/api/processes/${pid}/history?hours=6`)
      return (answer.body.data_points ?? 0) >= 3 ? answer : null
    }, "three points of its history")
    expect(body).toMatchObject({ pid, hours: 6 })
    expect(body.history).toHaveLength(body.data_points)
    const cpu = body.history.map((point) => point.cpu_percent)
    expect(body.statistics?.["max_cpu"]).toBe(Math.max(...cpu))
    expect(
      Math.abs((body.statistics?.["avg_cpu"] ?? 0) - cpu.reduce((sum, one) => sum + one) / cpu.length),
    ).toBeLessThan(0.02)
    expect(await ask("/api/processes/4000000/history")).toMatchObject({
      status: 200,
      body: { pid: 4_000_000, history: [], message: "No history available for this process" },
    })
  })

  it.each(["hours=0", "hours=-1", "hours=49", "hours=x", "hours=1.5"])("refuses a history of %s", async (query) => {
    const { status, body } = await ask(`/api/processes/1/history?${query}`)
    expect([status, body.error]).toEqual([400, "hours must be a whole number between 1 and 48"])
  })

  it("is shown by annalist top", async () => {
    const { code, stdout } = await run(["top", agent.ready.http, "--sort", "memory", "-n", "3"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\S+  cpu [\d.]+ %  memory [\d.]+ %  \d+ processes, \d+ zombies\nPID +USER +CPU %/)
    expect(stdout.trimEnd().split("\n")).toHaveLength(5)
    const refused = await run(["top", agent.ready.http, "-n", "0"])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("Limit must be between 1 and 100")])
  })

  it("answers the same of a moment now, later, and in a recording", async () => {
    const pid = start("sleep", "300")
    const live = await ask(`/api/processes/${pid}`)
    const at = `at=${live.position}`
    const paths = ["", `/${pid}`, `/${pid}/tree`, `/${pid}/history`].map((path) => `/api/processes${path}?${at}`)
    const later = await Promise.all(paths.map((path) => ask(path)))
    expect(later[1]?.body).toEqual(live.body)
    const file = join(folder.path, "session.ndjson")
    expect((await run(["export", "--url", agent.ready.http, "-o", file])).code).toBe(0)
    const opened = await serve(["open", file, "--port", "0"])
    try {
      for (const [index, path] of paths.entries()) {
        expect(await ask(path, undefined, opened.ready.http)).toEqual(later[index])
      }
    } finally {
      await opened.stop()
    }
  })
})
