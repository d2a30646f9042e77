// The library as README shows it: a session opened by path, its answers from a web-standard function.

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { defineCollector, defineProjection, fetchHandler, openSession, type Session } from "../../src/index.ts"
import { everything, sessionOf } from "./given.ts"

describe("the library", () => {
  let folder = ""
  let session: Session
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-library-test-"))
    const path = join(folder, "session.ndjson")
    await writeFile(path, await Effect.runPromise(sessionOf(everything(40))))
    session = await openSession(path)
  })
  afterAll(async () => {
    await session.close()
    await rm(folder, { recursive: true, force: true })
  })

  it("answers a request over a session", async () => {
    const handler = fetchHandler(session)
    const response = await handler(new Request("http://example/v1/state?at=7"))
    expect(response.headers.get("annalist-position")).toBe("7")
    expect(await response.json()).toMatchObject({
      position: 7,
      head: { position: 40 },
      source: "file",
      read_only: true,
      processes: { running: 1, total: 2 },
    })
    expect((await handler(new Request("http://example/v1/ccl/verdict"))).status).toBe(200)
    expect((await handler(new Request("http://example/nowhere"))).status).toBe(404)
  })

  it("gives the session back as a file", async () => {
    const response = await fetchHandler(session)(new Request("http://example/v1/export?from=20&to=30"))
    const lines = (await response.text()).trimEnd().split("\n")
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ annalist: 1, from: 20, to: 30 })
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ end: true, count: 18 })
  })

  it("says which formats there are", async () => {
    const response = await fetchHandler(session)(new Request("http://example/v1/export?format=docx"))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      detail: `format is "docx"; it takes ndjson, perfetto, parquet or csv`,
    })
  })

  it("refuses commands, whatever the role", async () => {
    const handler = fetchHandler(session, { role: "admin" })
    const response = await handler(new Request("http://example/stop", { method: "POST" }))
    expect(response.status).toBeGreaterThanOrEqual(400)
    for (const path of ["/start", "/restart"]) {
      const start = await handler(new Request(`http://example${path}`, { method: "POST" }))
      expect([start.status, await start.json()]).toEqual([
        403,
        { error: expect.stringMatching(/^this is a recording/) as string },
      ])
    }
    expect((await fetchHandler(session)(new Request("http://example/stop", { method: "POST" }))).status).toBe(403)
  })

  it("is mounted on a bare server in a few lines", async () => {
    const handler = fetchHandler(session)
    const server = createServer((request, answer) => {
      void handler(new Request(`http://localhost${request.url}`, { method: request.method ?? "GET" })).then(
        async (response) => {
          answer.writeHead(response.status, Object.fromEntries(response.headers))
          answer.end(Buffer.from(await response.arrayBuffer()))
        },
      )
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    try {
      const { port } = server.address() as AddressInfo
      const answer = await fetch(`http://127.0.0.1:${port}/v1/processes`)
      expect(await answer.json()).toMatchObject({ position: 40, processes: [{ name: "brief" }, { name: "worker" }] })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it("says in the rejection what is wrong", async () => {
    await expect(openSession(join(folder, "nowhere.ndjson"))).rejects.toThrow(/nowhere\.ndjson does not exist$/)
    expect(() => fetchHandler({} as Session)).toThrow("fetchHandler takes a session that openSession opened")
  })

  it("gives back what is defined", () => {
    const projection = defineProjection({
      name: "tally",
      version: 1,
      initial: () => ({ count: 0 }),
      evolve: (state) => ({ count: state.count + 1 }),
      copy: (state) => ({ ...state }),
    })
    expect(projection.initial().count).toBe(0)
    const collector = defineCollector({ name: "none", intervalSeconds: 1, collect: () => null })
    expect(collector.name).toBe("none")
  })
})
