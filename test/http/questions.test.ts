import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Effect, Runtime } from "effect"
import { Commands } from "../../src/commands/Commands.ts"
import * as ReadOnlyCommands from "../../src/commands/ReadOnlyCommands.ts"
import type { Event } from "../../src/domain/Event.ts"
import * as FetchHandler from "../../src/http/fetchHandler.ts"
import { readPage } from "../../src/http/pageFiles.ts"
import { about, ask1, ask2, connect2, type Face, json, open, script } from "./face.ts"

const host = {
  cpuBusyTicks: 100,
  cpuTotalTicks: 1000,
  cpuCores: 4,
  cpuThreads: 8,
  memoryTotalBytes: 16_000,
  memoryFreeBytes: 2000,
  memoryAvailableBytes: 12_000,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
  load1: 0.5,
  load5: 0.25,
  load15: 0.125,
  uptimeSeconds: 1234.5,
  processCount: 99,
}
const sample = (takenMicros: number, busy: number, total: number): Event => ({
  _tag: "SamplesTaken",
  collector: "host",
  takenMicros,
  host: { ...host, cpuBusyTicks: busy, cpuTotalTicks: total },
  processes: [],
})

let folder = ""
let face: Face
const record = (...events: ReadonlyArray<Event>) =>
  face.run(Effect.flatMap(Commands, (commands) => commands.record(events, { actor: "collector:host" })))
const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await ask1(face.port, { path, headers })
  return { ...answer, position: answer.headers["annalist-position"] ?? null }
}
const body = async (path: string) => JSON.parse((await get(path)).text) as Record<string, unknown>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "annalist-web-"))
  await writeFile(join(folder, "index.html"), "<!doctype html><title>page</title><script src=/page.js></script>")
  await writeFile(join(folder, "page.js"), "export {}")
  await writeFile(join(folder, "page.js.map"), "{}")
  await mkdir(join(folder, "fonts"))
  await writeFile(join(folder, "fonts", "f.woff2"), "font")
  face = await open({ webRoot: folder })
  await record(sample(1e6, 100, 1000))
  await record(sample(4e6, 200, 1400))
  await face.ask("/log_ccl", json({ opType: "barrier", context_rank: 0, context_size: 2, startTime: 5 }))
})
afterAll(async () => {
  await face.close()
  await rm(folder, { recursive: true })
})

describe("a question about state", () => {
  it("says which position it shows, now and at a past moment", async () => {
    expect((await get("/metrics")).position).toBe("3")
    expect(await get("/metrics?at=1")).toMatchObject({ status: 200, position: "1" })
    expect((await body("/metrics?at=1"))["metrics"]).toMatchObject({ system_cpu_usage: null })
    expect((await body("/metrics?at=2"))["metrics"]).toMatchObject({ system_cpu_usage: 25 })
    expect((await get("/v1/state?at=2")).position).toBe("2")
    expect((await get("/metrics?at=-1s")).status).toBe(404)
  })

  it("gives histories with what they were made of, now and at a past moment", async () => {
    const host = await body("/v1/series?key=host")
    expect(host).toMatchObject({ resolution: "raw", rows: [{ looks: 1 }, { key: "host", looks: 1 }] })
    const { rows } = host as { rows: ReadonlyArray<{ quantities: Record<string, unknown> }> }
    expect(rows[1]?.quantities["cpuPercent"]).toEqual({ count: 1, min: 25, max: 25, mean: 25, last: 25 })
    expect(await get("/v1/series?key=host&at=1")).toMatchObject({ status: 200, position: "1" })
    expect(await body("/v1/series?key=host&at=1&resolution=1m")).toMatchObject({
      resolution: "1m",
      rows: [{ looks: 1 }],
    })
    expect(await body("/v1/series?key=process/17/")).toMatchObject({ rows: [] })
  })

  it.each([
    ["/metrics?at=yesterday", 400, /"error":"at is \\"yesterday\\"; it takes a position \(4711\)/],
    ["/v1/state?at=x", 400, /urn:annalist:problem:bad-moment/],
    ["/status?at=99999", 404, /"error":"position 99999 is not written yet; the last one is 3/],
    ["/v1/series?key=host&at=x", 400, /urn:annalist:problem:bad-moment/],
    ["/v1/series?key=hosts", 400, /key is \\"hosts\\"; it takes host, process/],
    ["/v1/series?key=host&resolution=2m", 400, /resolution is \\"2m\\"; it takes raw, 1m or 1h/],
    ["/v1/ccl/verdict?at=2020-01-01T00:00:00+01:00", 404, /nothing is recorded at or before 2019-12-31T23:00:00/],
  ])("refuses another moment in the route's own words: %s", async (path, status, says) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(says)
  })
})

describe("a parameter that a route does not know", () => {
  it("is refused with those that it takes, under /v1", async () => {
    expect((await get("/v1/ccl/verdict?att=-1m")).status).toBe(400)
    expect((await body("/v1/ccl/verdict?att=-1m"))["detail"]).toMatch(
      /^"att" is no parameter of GET \/v1\/ccl\/verdict; it takes (?:.*, )?at$/,
    )
    expect(await body("/v1/health/live?a=b")).toMatchObject({
      detail: '"a" is no parameter of GET /v1/health/live; it takes none',
    })
  })

  it("is passed over where the five systems' clients ask", async () => {
    expect((await get("/status?_=17")).status).toBe(200)
  })
})

describe("GET /metrics", () => {
  it("has the seed's fields and shares", async () => {
    expect(await body("/metrics")).toMatchObject({
      timestamp: expect.any(Number) as number,
      metrics: {
        system_cpu_usage: 25,
        system_memory_total_bytes: 16_000,
        system_memory_used_bytes: 4000,
        system_swap_used_bytes: 0,
        system_uptime_secs: 1234,
        total_processes: 99,
        cpu_threads: 8,
        process_metrics: null,
      },
      derived_metrics: { memory_usage_percent: 25, swap_usage_percent: 0, memory_available_percent: 75 },
    })
  })

  it("is Prometheus text only for who names it, and at /v1/metrics", async () => {
    const ratio = "# TYPE annalist_host_cpu_usage_ratio gauge\nannalist_host_cpu_usage_ratio 0.25\n"
    expect((await get("/v1/metrics")).text).toContain(ratio)
    const plain = await get("/metrics", { accept: "text/plain" })
    expect(plain.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(plain.text).toContain(ratio)
    expect(plain.text).toContain("# TYPE annalist_log_events_total counter\nannalist_log_events_total ")
    const open = await get("/metrics", { accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5" })
    expect(open.headers["content-type"]).toMatch(/^application\/openmetrics-text/)
    expect(open.text).toContain("# TYPE annalist_log_events counter\nannalist_log_events_total ")
    expect(open.text.endsWith("# EOF\n")).toBe(true)
    const influx = (await get("/v1/metrics?format=influx")).text
    expect(influx).toMatch(/^annalist_host_cpu_seconds_total,mode=busy value=[\d.]+ \d{19}$/m)
    expect((await get("/v1/metrics?format=xml")).text).toContain("there are prometheus and influx")
    for (const accept of ["*/*", "application/json", "text/html"]) {
      expect((await get("/metrics", { accept })).headers["content-type"]).toBe("application/json")
    }
  })
})

describe("GET /v1/state and /v1/ccl/verdict", () => {
  it("tell the extent of the log and what is in flight", async () => {
    expect(await body("/v1/state?at=2")).toMatchObject({
      position: 2,
      first: { position: 1, at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/) as string },
      head: { position: 3 },
      source: "live",
      read_only: false,
      node: "node-1",
      collectives: { communicators: 0, in_flight: 0 },
    })
    expect((await body("/v1/state"))["collectives"]).toEqual({ communicators: 1, in_flight: 1 })
  })

  it("judge collectives at the moment asked for", async () => {
    expect(await body("/v1/ccl/verdict")).toMatchObject({ position: 3, all: [{ communicator: { size: 2 } }] })
    expect(await body("/v1/ccl/verdict?at=2")).toMatchObject({ verdict: "cannot_tell", communicator: null })
  })
})

describe("GET /v1/events", () => {
  const types = async (query: string) =>
    (await get(`/v1/events${query}`)).text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { position, type } = JSON.parse(line) as { position: number; type: string }
        return `${position} ${type}`
      })
  const all = ["1 SamplesTaken", "2 SamplesTaken", "3 CollectiveStarted"]

  it("gives the range, the kinds and as many as are asked for", async () => {
    expect(await types("")).toEqual(all)
    expect(await types("?from=2")).toEqual(all.slice(1))
    expect(await types("?from=2&to=2")).toEqual([all[1]])
    expect(await types("?types=CollectiveStarted,Ticked")).toEqual([all[2]])
    expect(await types("?limit=1")).toEqual([all[0]])
    expect(await types("?from=-1h")).toEqual(all)
    expect(await types("?to=2020-01-01T00:00:00Z")).toEqual([])
    expect(await types("?process=none")).toEqual([])
    expect(await types("?follow=true&limit=3")).toEqual(all)
    expect(await types("?follow&to=2")).toEqual(all.slice(0, 2))
  })

  it("is NDJSON, or server-sent events that go on after the last one seen", async () => {
    expect((await get("/v1/events")).headers["content-type"]).toBe("application/x-ndjson")
    const accept = "text/event-stream"
    const answer = await get("/v1/events", { accept, "last-event-id": "2" })
    expect(answer.headers["content-type"]).toBe(accept)
    expect(answer.text).toMatch(/^id: 3\nevent: CollectiveStarted\ndata: \{"position":3,.*\}\n\n$/)
  })

  it("goes on with what is written while it is followed", async () => {
    const other = await open()
    const response = await other.ask("/v1/events?follow=true&limit=2")
    for (const opType of ["first", "second"]) await other.ask("/log_ccl", json({ opType }))
    expect((await response.text()).match(/"op":"\w+"/g)).toEqual(['"op":"first"', '"op":"second"'])
    await other.close()
  })

  it.each([
    ["from=x", /from is \\"x\\"; it takes/],
    ["limit=0", /limit is \\"0\\"; it takes a whole number from 1 to/],
    ["follow=maybe", /follow is \\"maybe\\"; it takes true or false/],
    ["types=a%20b", /types holds \\"a b\\"; it takes names of events/],
  ])("refuses %s", async (query, says) => {
    const answer = await get(`/v1/events?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(says)
  })
})

describe("GET /v1/audit and /v1/export", () => {
  it("show who did what and was refused what", async () => {
    const other = await open()
    await other.ask("/start", json({ script_path: "/etc/passwd" }))
    await ask1(other.port, { path: "/stop", method: "POST", headers: { origin: "https://evil.example" } })
    await other.ask("/v1/health/ready")
    const { entries, position } = (await (await other.ask("/v1/audit")).json()) as {
      entries: ReadonlyArray<{ type: string; data: Record<string, unknown> }>
      position: number
    }
    // The latest first, or the earliest: both refusals are there, each once.
    expect(entries.map(({ type }) => type).toSorted()).toEqual(["AccessRefused", "CommandRefused"])
    expect(entries.find(({ type }) => type === "AccessRefused")?.data).toMatchObject({
      path: "/stop",
      reason: expect.stringContaining("evil.example") as string,
    })
    expect(position).toBe(2)
    expect((await other.ask("/v1/audit?limit=2000")).status).toBe(400)
    await other.close()
  })

  it("give a session file of a range, named for it", async () => {
    const answer = await get("/v1/export?from=2")
    expect(answer.headers["content-disposition"]).toBe('attachment; filename="annalist-2-3.ndjson"')
    const lines = answer.text.trim().split("\n")
    expect(lines[0]).toMatch(/^\{"annalist":1,"node":"node-1"/)
    expect(lines.at(-1)).toMatch(/^\{"end":true,"count":\d+/)
    expect((await get("/v1/export?types=Nonsense")).text).toContain("is no type of event")
    expect((await get("/v1/export?from=9&to=2")).status).toBe(400)
  })
})

describe("methods", () => {
  it("that a path does not take are named with those that it does", async () => {
    const answer = await ask1(face.port, { path: "/status", method: "DELETE" })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS")
    expect(answer.text).toBe('{"error":"/status takes GET, HEAD, OPTIONS, not DELETE"}')
    expect((await ask1(face.port, { path: "/start" })).headers.allow).toBe("POST, OPTIONS")
    expect((await ask1(face.port, { path: "/status", method: "OPTIONS" })).headers.allow).toBe("GET, HEAD, OPTIONS")
  })

  it("HEAD is GET without the body", async () => {
    for (const path of ["/status", "/v1/events", "/", "/v1/nowhere"]) {
      const [head, whole] = [await ask1(face.port, { path, method: "HEAD" }), await get(path)]
      expect(head.text).toBe("")
      expect({ ...head.headers, date: "" }).toEqual({ ...whole.headers, "transfer-encoding": undefined, date: "" })
    }
  })

  it("that lead nowhere say where to look, in the form of the path's system", async () => {
    expect((await get("/nowhere")).text).toBe('{"error":"nothing answers at /nowhere; /docs lists what does"}')
    expect((await get("/api/x")).text).toContain('{"detail":')
    const problem = await get("/v1/x")
    expect(problem.headers["content-type"]).toBe("application/problem+json")
    expect(JSON.parse(problem.text)).toMatchObject({
      type: "urn:annalist:problem:not-found",
      title: "Not found",
      status: 404,
    })
  })
})

describe("the page", () => {
  it("is for browsers, and JSON for everybody else", async () => {
    expect(JSON.parse((await get("/")).text)).toEqual(about)
    const page = await get("/", { accept: "text/html,*/*;q=0.8" })
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8")
    expect(page.headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    )
    expect(page.headers["x-content-type-options"]).toBe("nosniff")
    expect(page.headers.vary).toBe("Accept")
  })

  it("comes with its parts and nothing else of its folder", async () => {
    const part = await get("/page.js")
    expect(part).toMatchObject({ status: 200, text: "export {}" })
    expect(part.headers["content-type"]).toBe("text/javascript; charset=utf-8")
    const again = await get("/page.js", { "if-none-match": part.headers.etag ?? "" })
    expect(again).toMatchObject({ status: 304, text: "" })
    expect((await get("/fonts/f.woff2")).headers["content-type"]).toBe("font/woff2")
    for (const path of ["/page.js.map", "/index.html", "/../package.json", "/%2e%2e/package.json", "/fonts"]) {
      expect((await get(path)).status, path).toBe(404)
    }
  })

  it("says how to build it where it was not", async () => {
    const other = await open({ webRoot: join(folder, "nowhere") })
    expect(await (await other.ask("/", { headers: { accept: "text/html" } })).text()).toContain("npm run build")
    await other.close()
  })
})

describe("the description", () => {
  it("names every route with its role, in OpenAPI and for people", async () => {
    const api = (await body("/openapi.json")) as {
      openapi: string
      paths: Record<string, Record<string, { "x-role": string; requestBody?: unknown; operationId: string }>>
    }
    expect(api.openapi).toBe("3.1.0")
    expect(api.paths["/start"]?.["post"]).toMatchObject({ "x-role": "operator", tags: ["script"] })
    expect(api.paths["/v1/processes/{id}"]?.["get"]).toBeDefined()
    const ids = Object.values(api.paths).flatMap((one) => Object.values(one).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
    const docs = await get("/docs")
    expect(docs.headers["content-security-policy"]).toMatch(/default-src 'none'; style-src 'sha256-/)
    expect(docs.text).toContain("<code>POST /log_ccl</code>")
    expect(docs.text).not.toMatch(/<script|https?:\/\/(?!www\.w3)/)
  })
})

describe("health", () => {
  it("needs nothing but a known host", async () => {
    expect(await get("/v1/health/live")).toMatchObject({ status: 200, text: '{"status":"pass"}' })
    expect(await get("/v1/health/ready")).toMatchObject({ status: 200, position: null })
  })
})

describe("the same answers elsewhere", () => {
  const paths = [
    ["/", "/status", "/metrics", "/v1/state", "/v1/processes", "/v1/processes/none", "/v1/ccl/verdict", "/v1/events"],
    [
      "/v1/events?types=x&limit=2",
      "/v1/audit",
      "/openapi.json",
      "/docs",
      "/v1/health/live",
      "/nowhere",
      "/metrics?at=1",
    ],
    ["/v1/ccl/verdict?at=bad", "/page.js"],
  ].flat()

  it("come from a function and over both protocols, byte for byte", async () => {
    const page = await Effect.runPromise(readPage(folder))
    const handler = FetchHandler.make(face.runtime, { about, script, page, role: "admin" })
    const session = await connect2(face.url)
    for (const path of paths) {
      const [one, two] = [await get(path), await ask2(session, { ":path": path })]
      const response = await handler(new Request(`http://anywhere.example${path}`))
      const three = { status: response.status, text: await response.text() }
      expect({ status: two.status, text: two.text }, path).toEqual({ status: one.status, text: one.text })
      expect(three, path).toEqual({ status: one.status, text: one.text })
      const kept = ["content-type", "annalist-position", "content-security-policy", "cache-control", "vary", "etag"]
      for (const name of kept) {
        expect(response.headers.get(name), `${name} of ${path}`).toBe(one.headers[name] ?? null)
        expect(two.headers[name]).toBe(one.headers[name])
      }
    }
    session.close()
  })

  it("are answers only, over a recorded session", async () => {
    const commands = Effect.provide(Commands, ReadOnlyCommands.layer("this is a recorded session"))
    const readOnly = Runtime.provideService(face.runtime, Commands, await Effect.runPromise(commands))
    const handler = FetchHandler.make(readOnly, { about, script, page: null, role: "admin" })
    const stop = await handler(new Request("http://x/start", { method: "POST" }))
    expect(stop.status).toBe(403)
    expect(await stop.text()).toBe('{"error":"this is a recorded session"}')
    const report = await handler(new Request("http://x/log_ccl", json({ opType: "x" })))
    expect(report.status).toBe(403)
    const viewer = FetchHandler.make(readOnly, { about, script, page: null })
    expect((await viewer(new Request("http://x/start", { method: "POST" }))).status).toBe(403)
    expect((await viewer(new Request("http://x/v1/health/ready"))).status).toBe(200)
    const large = new Request("http://x/log_ccl", json(`"${"x".repeat(300_000)}"`))
    expect((await viewer(large)).status).toBe(413)
  })
})
