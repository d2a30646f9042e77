// Alerts of the real program: raised within one interval, once, told to a webhook, acted on, and cleared once, over a killed agent.

import { writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, type Running, scratch, serve, until } from "../program.ts"
import type { AlertsAnswer } from "../../src/wire/alerts.ts"

interface Posted {
  readonly key: string
  readonly body: { readonly state: string; readonly rule: string; readonly subject: string; readonly position: number }
}

/** Takes what is posted; while it is `shut` it answers 503. */
const receiver = async () => {
  const posted: Array<Posted> = []
  const door = { shut: false, turned: 0 }
  const server: Server = createServer((request, response) => {
    let text = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    request.on("end", () => {
      if (door.shut) {
        door.turned++
        response.writeHead(503).end()
        return
      }
      posted.push({ key: String(request.headers["idempotency-key"]), body: JSON.parse(text) as Posted["body"] })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  /** Each message once, as a receiver that knows its key takes it. */
  const of = (rule: string) =>
    Array.from(new Map(posted.map(({ key, body }) => [key, body])).values())
      .filter((body) => body.rule === rule)
      .map(({ state }) => state)
  return { posted, door, of, url: `http://127.0.0.1:${port}/hook?secret=1`, close: () => server.close() }
}

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
})

describe("alerts of a running agent", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let hook: Awaited<ReturnType<typeof receiver>>
  let agent: Running
  const start = async () => {
    agent = await serve(
      [
        "agent",
        ...quietPorts,
        "--data",
        "data",
        "--telemetry-interval",
        "0.2",
        "--script-roots",
        ".",
        "--alert-rules",
        "rules.json",
      ],
      { cwd: folder.path, env: { ANNALIST_ALERT_WEBHOOK: hook.url } },
    )
  }
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await fetch(new URL(path, agent.ready.http), init)
    return (await response.json()) as T
  }
  const active = async () => (await ask<AlertsAnswer>("/v1/alerts")).active

  beforeAll(async () => {
    folder = await scratch()
    hook = await receiver()
    const many = { name: "many", when: { kind: "threshold", metric: "host.processes", above: 0, for: 1 } }
    await writeFile(join(folder.path, "rules.json"), JSON.stringify([many]))
    await start()
  })
  afterAll(async () => {
    await agent.stop()
    hook.close()
    await folder.remove()
  })

  it("are raised once, stand over a killed agent, and are cleared once", async () => {
    const [alert] = await until(async () => {
      const all = await active()
      return all.length > 0 ? all : null
    }, "the alert")
    expect(alert).toMatchObject({ rule: "many", severity: "warning", subject: "host", cleared_at: null })
    await until(() => Promise.resolve(hook.of("many").length > 0 || null), "the post")

    await agent.stop("SIGKILL")
    hook.door.shut = true
    await start()
    const standing = (await active()).filter(({ rule }) => rule === "many")
    expect(standing.map(({ position }) => position)).toEqual([alert?.position])
    await writeFile(join(folder.path, "rules.json"), "[]")
    await agent.stop("SIGTERM")
    await start()
    await until(() => Promise.resolve(hook.door.turned > 0 || null), "a post that was turned away")
    const degraded = await ask<{ status: string; reasons: ReadonlyArray<string> }>("/v1/health/ready")
    expect(degraded).toEqual({ status: "degraded", reasons: ["outlet webhook does not deliver: it answered 503"] })

    await agent.stop("SIGKILL")
    hook.door.shut = false
    await start()
    await until(() => Promise.resolve(hook.of("many").includes("cleared") || null), "the post of the end", 30_000)
    expect(hook.of("many")).toEqual(["raised", "cleared"])
    const { ended } = await ask<AlertsAnswer>("/v1/alerts")
    expect(ended.filter(({ rule }) => rule === "many")).toMatchObject([
      { position: alert?.position, cleared_because: "the rule was removed" },
    ])
    await until(
      async () => ((await ask<{ status: string }>("/v1/health/ready")).status === "pass" ? true : null),
      "health",
    )
  }, 60_000)

  it("restart the process that they are about, once for each alert", async () => {
    const rules = "/v1/alerts/rules"
    const rule = {
      name: "grown",
      process: "sleeper",
      action: "restart",
      when: { kind: "threshold", metric: "process.resident_bytes", above: 1, for: 0 },
    }
    const { id } = await ask<{ id: string }>(
      "/v1/processes",
      json("POST", { argv: ["/bin/sh", "-c", "while :; do sleep 0.1; done"], name: "sleeper" }),
    )
    const defined = await ask<{ rules: ReadonlyArray<{ name: string }> }>(rules, json("POST", rule))
    expect(defined.rules.map(({ name }) => name)).toEqual(["collectives", "agent-degraded", "grown"])
    const boots = async () => (await ask<{ boots: number }>(`/v1/processes/${id}`)).boots
    await until(async () => ((await boots()) >= 3 ? true : null), "two restarts", 20_000)
    const after = await ask<{ rules: ReadonlyArray<{ name: string }> }>(`${rules}/grown`, { method: "DELETE" })
    expect(after.rules.map(({ name }) => name)).not.toContain("grown")
    await until(async () => ((await active()).length === 0 ? true : null), "no alert")
    const raised = (await ask<AlertsAnswer>("/v1/alerts")).ended.filter((one) => one.rule === "grown").length
    await until(async () => ((await boots()) === raised + 1 ? true : null), "a restart for each alert")
    await ask(`/v1/processes/${id}/kill`, json("POST", { signal: "SIGKILL" }))
  }, 60_000)

  it("refuse a rule that makes no sense, with what would be right", async () => {
    const bad = { name: "bad", when: { kind: "threshold", metric: "host.luck", above: 1 } }
    expect(await ask("/v1/alerts/rules", json("POST", bad))).toMatchObject({
      status: 400,
      type: "urn:annalist:problem:bad-rule",
      detail: 'host.luck is no metric of the host; a rule about processes also says which: "process": "*"',
    })
    expect(await ask("/v1/alerts/rules/nobody", { method: "DELETE" })).toMatchObject({ status: 404 })
  })
})
