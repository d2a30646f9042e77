// Bad input, by HTTP and from the terminal: each is answered with what is wrong, written down, and starts nothing.

import { mkdirSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { run, scratch, until } from "../program.ts"
import { type Agent, agent } from "./drive.ts"

// Real programs on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: Awaited<ReturnType<typeof scratch>>
let running: Agent
let living = ""
let dead = ""

beforeAll(async () => {
  folder = await scratch()
  mkdirSync(join(folder.path, "folder.sh"))
  running = await agent(join(folder.path, "data"), [], folder.path)
  living = (await running.ask("POST", "/v1/processes", { name: "living", argv: ["sleep", "300"] })).body.id
  dead = (await running.ask("POST", "/v1/processes", { name: "dead", argv: ["true"] })).body.id
  await until(async () => ((await running.ask("GET", `/v1/processes/${dead}`)).body.status === "exited" ? 1 : null), "")
})
afterAll(async () => {
  await running.ask("POST", `/v1/processes/${living}/kill`)
  await running.stop()
  await folder.remove()
})

interface Refusals {
  readonly entries: ReadonlyArray<{ readonly position: number; readonly type: string; readonly actor: string }>
}
const lastRefusal = async () => {
  const answer = await fetch(new URL("/v1/audit?limit=1000", running.http))
  const { entries } = (await answer.json()) as Refusals
  return entries.find(
    ({ type }) => type === "CommandRefused" || type === "AccessRefused" || type === "ProcessBootFailed",
  )
}
const runningNow = async () =>
  (await running.ask("GET", "/v1/processes?status=booting,running,stopping")).body.processes

const held = async (refused: () => Promise<void>) => {
  const before = (await lastRefusal())?.position ?? 0
  await refused()
  // What the door refuses is written down in its own time.
  await until(async () => (((await lastRefusal())?.position ?? 0) > before ? true : null), "the refusal in the log")
  expect(await runningNow()).toHaveLength(1)
}

type Row = readonly [
  what: string,
  method: string,
  path: () => string,
  body: object | undefined,
  status: number,
  detail: RegExp,
]
const boots = () => "/v1/processes"
const of = (id: () => string, rest: string) => () => `/v1/processes/${id()}${rest}`
const kill = of(() => living, "/kill")
const restart = of(() => living, "/restart")
const limits = of(() => living, "/limits")

const rows: ReadonlyArray<Row> = [
  ["a missing script", "POST", boots, { script_path: "nowhere.sh" }, 422, /script not found: nowhere.sh/],
  ["a directory for a script", "POST", boots, { script_path: "folder.sh" }, 422, /not a regular file/],
  ["a script outside the roots", "POST", boots, { script_path: "/etc/hostname" }, 400, /outside the folders/],
  ["a NUL in a path", "POST", boots, { script_path: "a\0b" }, 400, /NUL/],
  ["a NUL in an argument", "POST", boots, { argv: ["true", "a\0b"] }, 400, /NUL/],
  ["no program at all", "POST", boots, {}, 400, /argv/],
  ["an empty program", "POST", boots, { argv: [] }, 400, /argv/],
  ["an unknown field", "POST", boots, { argv: ["true"], arg: 1 }, 400, /arg/],
  ["a number in env", "POST", boots, { argv: ["true"], env: { A: 1 } }, 400, /that of "A" is a number/],
  ["too much env", "POST", boots, { argv: ["true"], env: { A: "x".repeat(200_000) } }, 422, /E2BIG/],
  [
    "a strange policy",
    "POST",
    boots,
    { argv: ["true"], restart: { when: "maybe" } },
    400,
    /never, on-failure or always/,
  ],
  ["a limit of nothing", "POST", boots, { argv: ["true"], limits: { pids: 0 } }, 400, /limits.pids/],
  ["no such signal", "POST", kill, { signal: "SIGNOPE" }, 400, /signal: must be the name of a signal/],
  ["a signal beyond the last", "POST", kill, { signal: "65" }, 400, /number from 1 to 64/],
  ["a grace before now", "POST", kill, { grace_seconds: -1 }, 400, /grace_seconds/],
  ["a field that kill has not", "POST", kill, { force: true }, 400, /force/],
  ["the end of what has ended", "POST", of(() => dead, "/kill"), {}, 409, /is not running/],
  ["the end of nobody", "POST", of(() => "nobody", "/kill"), {}, 404, /nobody/],
  ["a restart with no such signal", "POST", restart, { signal: "TERM" }, 400, /SIGTERM/],
  ["a restart of nobody", "POST", of(() => "nobody", "/restart"), {}, 404, /nobody/],
  ["limits of a strange kind", "PUT", limits, { files: 3 }, 400, /files/],
  ["limits below nothing", "PUT", limits, { memory_bytes: -1 }, 400, /memory_bytes/],
  ["limits of what has ended", "PUT", of(() => dead, "/limits"), { open_files: 9 }, 409, /is not running/],
  ["limits of nobody", "PUT", of(() => "nobody", "/limits"), { open_files: 9 }, 404, /nobody/],
  ["to flush what runs", "DELETE", of(() => living, ""), undefined, 409, /still running/],
  ["to flush nobody", "DELETE", of(() => "nobody", ""), undefined, 404, /nobody/],
]

describe("over HTTP", () => {
  it.each(rows)("refuses %s", (_, method, path, body, status, detail) =>
    held(async () => {
      const answer = await running.ask(method, path(), body)
      expect(answer.status).toBe(status)
      expect((answer.body as unknown as { detail: string }).detail).toMatch(detail)
    }),
  )

  it("refuses a megabyte of environment by its size alone", () =>
    held(async () => {
      const answer = await running.ask("POST", "/v1/processes", { argv: ["true"], env: { A: "x".repeat(1_000_000) } })
      expect(answer.status).toBe(413)
    }))

  it("refuses a status that there is not", async () => {
    const answer = await running.ask("GET", "/v1/processes?status=dead")
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining("boot_failed") as string } })
  })
})

describe("from the terminal", () => {
  const commands: ReadonlyArray<readonly [string, ReadonlyArray<string>, number, RegExp]> = [
    ["boot without a program", ["boot"], 2, /say either -- PROGRAM ARG… or --script FILE/],
    ["boot of a program that is not there", ["boot", "--", "/nowhere/x"], 1, /cannot run \/nowhere\/x: No such file/],
    ["boot with half a variable", ["boot", "--env", "FOO", "--", "true"], 2, /"FOO" is none/],
    ["boot with a strange policy", ["boot", "--restart", "x", "--", "true"], 1, /never, on-failure or always/],
    ["kill of nobody", ["kill", "nobody"], 1, /no process is called nobody; annalist ps lists them/],
    ["kill without a name", ["kill"], 2, /PROCESS/],
    ["kill with no such signal", ["kill", "living", "--signal", "NOPE"], 1, /SIGTERM/],
    ["kill with a grace that is no number", ["kill", "living", "--grace", "x"], 2, /"x" is none/],
    ["kill of what has ended", ["kill", "dead"], 1, /is not running/],
    ["flush of what runs", ["flush", "living"], 1, /still running/],
    ["logs of nobody", ["logs", "nobody"], 1, /no process is called nobody/],
    ["logs from the end of a word", ["logs", "living", "--last", "x"], 1, /last is a number of lines/],
  ]
  it.each(commands)("refuses %s", async (_, args, code, told) => {
    const [name = "", ...rest] = args
    const answer = await run([name, "--url", running.http, ...rest])
    expect([answer.code, answer.stdout]).toEqual([code, ""])
    expect(answer.stderr).toMatch(told)
    expect(await runningNow()).toHaveLength(1)
  })

  it("ps tells what failed, and who of a session failed first", async () => {
    const boot = (name: string, line: string) =>
      running.ask("POST", "/v1/processes", { name, session: "group", argv: ["sh", "-c", line] })
    await boot("anchor", "sleep 300")
    const { body } = await boot("culprit", "exit 9")
    const ended = async (id: string) =>
      until(
        async () => ((await running.ask("GET", `/v1/processes/${id}`)).body.status === "exited" ? 1 : null),
        "an end",
      )
    await ended(body.id)
    await ended((await boot("victim", "exit 1")).body.id)
    await run(["kill", "--url", running.http, "anchor"])
    const tree = (await run(["ps", running.http, "--tree", "--session", "group"])).stdout
    expect(tree.replaceAll(/[0-9a-f-]{36} |, pid \d+/g, "").split("\n")).toEqual([
      "group",
      "├─ anchor: stopped, signal 15",
      "├─ culprit: exited, code 9  ← failed first",
      "└─ victim: exited, code 1  (after culprit failed)",
      "",
    ])
    const failed = (await run(["ps", running.http, "--status", "boot_failed"])).stdout
    expect(failed).toMatch(/^ID .*\n(.* boot_failed .*\n)+$/)
    expect(failed).toContain("cannot run /nowhere/x")
  })
})

describe("what is asked of a process that is there", () => {
  it("is ready once its address answers, and not before", async () => {
    let isUp = false
    const server = createServer((_, answer) => answer.writeHead(isUp ? 204 : 503).end())
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`
    const readiness = { http: url, interval_seconds: 0.05 }
    const { body } = await running.ask("POST", "/v1/processes", { argv: ["sleep", "300"], readiness })
    const ready = async () =>
      ((await running.ask("GET", `/v1/processes/${body.id}`)).body as unknown as { ready: boolean }).ready
    expect(await ready()).toBe(false)
    isUp = true
    await until(async () => ((await ready()) ? true : null), "it is ready")
    await running.ask("POST", `/v1/processes/${body.id}/kill`)
    server.close()
  })

  const isRoot = process.getuid?.() === 0
  it.skipIf(!isRoot)(`runs as the user that was asked for${isRoot ? "" : " (skipped: needs root)"}`, async () => {
    const { body } = await running.ask("POST", "/v1/processes", { argv: ["sh", "-c", "id -u; id -G"], user: "nobody" })
    const logs = async () => (await fetch(new URL(`/v1/processes/${body.id}/logs`, running.http))).text()
    expect(await until(async () => ((await logs()).split("\n").length === 3 ? logs() : null), "its output")).toMatch(
      /^65534\n65534\n$/,
    )
  })
})
