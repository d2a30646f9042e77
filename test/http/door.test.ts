import { mkdirSync, writeFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import * as http from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask1, ask2, connect2, type Face, json, open } from "./face.ts"

const operator = "b3BlcmF0b3ItdG9rZW4tZm9yLXRlc3RzLW9ubHktMDAwMDAx"
const viewer = "dmlld2VyLXRva2VuLWZvci10ZXN0cy1vbmx5LTAwMDAwMDAwMDAx"
const console1 = "https://console.example"

let folder = ""
let face: Face
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "annalist-door-"))
  await writeFile(join(folder, "tokens"), `operator ${operator}\nviewer ${viewer}\n`, { mode: 0o600 })
  face = await open({
    tokenFile: join(folder, "tokens"),
    allowedOrigins: [console1],
    allowedHosts: ["agent.example", "proxy.example:9000"],
  })
})
afterAll(async () => {
  await face.close()
  await rm(folder, { recursive: true })
})

const ask = (headers: Record<string, string>, path = "/status", method = "GET") =>
  ask1(face.port, { path, method, headers })

describe("the host that a request is for", () => {
  it("is any own name with any own port, or a configured one", async () => {
    const own = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${face.port}`)
    for (const host of [
      ...own,
      "LOCALHOST",
      "localhost",
      "agent.example",
      "agent.example:1234",
      "proxy.example:9000",
    ]) {
      expect((await ask({ host })).status, host).toBe(200)
    }
  })

  it("is refused when it is another, on every path and in both protocols", async () => {
    for (const host of [
      "evil.example",
      "evil.example:80",
      "localhost:1",
      "127.0.0.1.evil.example",
      "proxy.example:1",
    ]) {
      const answer = await ask({ host })
      expect(answer.status, host).toBe(403)
      expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining(host) as string })
      expect(answer.text).toContain("ANNALIST_ALLOWED_HOSTS")
    }
    expect((await ask({ host: "evil.example" }, "/v1/nowhere")).text).toContain("host-refused")
    const session = await connect2(face.url)
    expect((await ask2(session, { ":path": "/status", ":authority": "evil.example" })).status).toBe(403)
    expect((await ask2(session, { ":path": "/status", host: "evil.example" })).status).toBe(403)
    expect((await ask2(session, { ":path": "/status" })).status).toBe(200)
    session.close()
  })

  it("is missed in words", async () => {
    const answer = await ask1(face.port, { path: "/status", setHost: false })
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(/names no host; send the header Host: localhost:\d+/)
  })

  it("may stand in the target, as proxies write it", async () => {
    expect((await ask({ host: face.host }, `http://localhost:${face.port}/status`)).status).toBe(200)
    expect((await ask({ host: face.host }, "http://evil.example/status")).status).toBe(403)
    expect((await ask({ host: face.host }, "status")).status).toBe(400)
  })
})

describe("the origin that a request comes from", () => {
  it("is refused when it is a page elsewhere, whatever the method", async () => {
    for (const origin of ["https://evil.example", "http://localhost:1", "null", `https://localhost:${face.port}`]) {
      for (const method of ["GET", "POST", "HEAD", "OPTIONS", "DELETE"]) {
        const answer = await ask({ host: face.host, origin }, "/status", method)
        expect(answer.status, `${method} ${origin}`).toBe(403)
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined()
      }
    }
  })

  it("lets its own pages and the configured ones read the answer", async () => {
    for (const origin of [console1, `http://localhost:${face.port}`, `http://[::1]:${face.port}`]) {
      const answer = await ask({ host: face.host, origin })
      expect(answer.status).toBe(200)
      expect(answer.headers["access-control-allow-origin"]).toBe(origin)
      expect(answer.headers.vary).toBe("Origin")
    }
    expect((await ask({ host: face.host })).headers["access-control-allow-origin"]).toBeUndefined()
  })

  it("is told beforehand what it may", async () => {
    const preflight = { host: face.host, origin: console1, "access-control-request-method": "POST" }
    const answer = await ask(preflight, "/start", "OPTIONS")
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": console1,
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("content-type") as string,
    })
  })
})

describe("what a browser says of a request's site", () => {
  const cross = { "sec-fetch-site": "cross-site" }
  it("keeps other sites out, but for configured origins and links to the page", async () => {
    const link = { ...cross, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }
    expect((await ask({ host: face.host, ...cross })).status).toBe(403)
    expect((await ask({ host: face.host, ...cross, origin: console1 })).status).toBe(200)
    expect((await ask({ host: face.host, ...link }, "/")).status).toBe(200)
    expect((await ask({ host: face.host, ...link }, "/?at=5")).status).toBe(200)
    expect((await ask({ host: face.host, ...link }, "/status")).status).toBe(403)
    expect((await ask({ host: face.host, ...link }, "/", "POST")).status).toBe(403)
    expect((await ask({ host: face.host, ...link, "sec-fetch-dest": "iframe" }, "/")).status).toBe(403)
    expect((await ask({ host: face.host, "sec-fetch-site": "same-origin" })).status).toBe(200)
  })
})

describe("a token", () => {
  const bearer = (token: string) => ({ host: face.host, authorization: `Bearer ${token}` })
  it("brings its role, on loopback too", async () => {
    expect((await ask(bearer(viewer), "/stop", "POST")).status).toBe(403)
    expect((await ask(bearer(viewer), "/stop", "POST")).text).toContain("needs the role operator")
    expect((await ask(bearer(operator), "/stop", "POST")).text).toContain("No process running")
    expect((await ask(bearer(viewer))).status).toBe(200)
  })

  it("that is wrong is no way back to what the connection would be allowed", async () => {
    for (const authorization of [`Bearer ${operator}x`, "Bearer", "Basic YTpi", `Bearer ${operator} ${operator}`]) {
      const answer = await ask({ host: face.host, authorization })
      expect(answer.status, authorization).toBe(401)
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/)
      expect(answer.text).not.toContain(operator)
    }
  })

  it("is not taken from the URL", async () => {
    expect((await ask({ host: face.host, authorization: "Bearer x" }, `/status?access_token=${operator}`)).status).toBe(
      401,
    )
  })
})

/** A /proc in which the connections of the test belong to whoever the test says. */
const asUser = async (
  uid: number,
  act: (ask: (path: string, method?: string) => Promise<number>, face: Face) => Promise<void>,
) => {
  const proc = await mkdtemp(join(tmpdir(), "annalist-door-proc-"))
  const other = await open({ procRoot: join(proc, "fake"), ownUid: 1000 })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const asked = (path: string, method = "GET") =>
    new Promise<number>((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: other.port, path, method, agent }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0))
      })
      request.on("error", reject)
      request.on("socket", (socket) => {
        const send = () => {
          const hex = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`
          const entry = `   0: ${hex(socket.localPort ?? 0)} ${hex(other.port)} 01 0:0 0:0 0 ${uid} 0 4242 1\n`
          mkdirSync(join(proc, "fake", "net"), { recursive: true })
          writeFileSync(join(proc, "fake", "net", "tcp"), entry)
          request.end()
        }
        if (socket.connecting) socket.once("connect", send)
        else send()
      })
    })
  try {
    await act(asked, other)
  } finally {
    agent.destroy()
    await other.close()
    await rm(proc, { recursive: true })
  }
}

describe("a loopback connection without a token", () => {
  it("is admin when it is the agent's own user's or root's", async () => {
    for (const uid of [0, 1000]) {
      await asUser(uid, async (asked) => expect(await asked("/stop", "POST")).toBe(400))
    }
  })

  it("is a viewer's when it is another user's, who may look and report but not act", async () => {
    await asUser(1001, async (asked, other) => {
      expect(await asked("/status")).toBe(200)
      expect(await asked("/log_ccl", "POST")).toBe(415)
      expect(await asked("/stop", "POST")).toBe(403)
      const refusal = (await other.events()).find(({ event }) => event._tag === "AccessRefused")
      expect(refusal).toMatchObject({ actor: "uid:1001", event: { path: "/stop", method: "POST", status: 403 } })
    })
  })

  it("is a viewer's when nobody can tell whose it is", async () => {
    const other = await open({ procRoot: "/nonexistent", ownUid: process.getuid?.() ?? 0 })
    expect((await other.ask("/stop", { method: "POST" })).status).toBe(403)
    expect((await other.ask("/status")).status).toBe(200)
    await other.close()
  })
})

describe("refusals", () => {
  it("are written down one by one while they are few, without query strings, and counted in a flood", async () => {
    const other = await open()
    const host = "evil.example"
    await Promise.all(
      Array.from({ length: 100 }, () => ask1(other.port, { path: "/v1/state?secret=1", headers: { host } })),
    )
    const session = await connect2(other.url)
    expect((await ask2(session, { ":path": "/v1/health/live" })).status).toBe(200)
    session.close()
    const written = (await other.events()).filter(({ event }) => event._tag === "AccessRefused")
    expect(written.length).toBeGreaterThan(0)
    expect(written.length).toBeLessThanOrEqual(20)
    expect(written[0]?.event).toMatchObject({ path: "/v1/state", peer: "127.0.0.1", status: 403 })
    await other.close()
  })
})

describe("a body", () => {
  it.each([
    ["no content type", {}, "{}", 415, /no Content-Type; send Content-Type: application\/json/],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, "a=1", 415, /send application\/json/],
    ["plain text, as a page elsewhere may send", { "content-type": "text/plain" }, "{}", 415, /"text\/plain"/],
    ["another charset", { "content-type": "application/json; charset=utf-16" }, "{}", 415, /send UTF-8/],
    ["compressed", { "content-type": "application/json", "content-encoding": "gzip" }, "{}", 415, /gzip-encoded/],
    ["broken JSON", { "content-type": "application/json" }, "{", 400, /ends before its closing }/],
    ["a doubled key", { "content-type": "application/json" }, '{"a":1,"a":2}', 400, /stands twice/],
    ["deep JSON", { "content-type": "application/json" }, "[".repeat(100_000), 400, /nested more than 64 deep/],
    ["too large", { "content-type": "application/json" }, `"${"a".repeat(262_144)}"`, 413, /larger than 262144 bytes/],
  ])("is refused: %s", async (_, headers, body, status, says) => {
    const answer = await ask1(face.port, {
      path: "/start",
      method: "POST",
      headers: { host: face.host, ...headers },
      body,
    })
    expect(answer.status).toBe(status)
    expect((JSON.parse(answer.text) as { error: string }).error).toMatch(says)
  })

  it("may be missing from a POST", async () => {
    expect((await face.ask("/stop", { method: "POST" })).status).toBe(400)
    expect(await (await face.ask("/stop", { method: "POST" })).text()).toContain("No process running")
  })

  it("may have parameters on its content type", async () => {
    const answer = await face.ask("/start", {
      ...json("[]"),
      headers: { "content-type": "Application/JSON; charset=UTF-8" },
    })
    expect(await answer.text()).toContain("must be a JSON object")
  })

  it("that is too large is refused before it is read, and the answer still arrives", async () => {
    const answer = await ask1(face.port, {
      path: "/start",
      method: "POST",
      headers: { host: face.host, "content-type": "application/json" },
      body: Buffer.alloc(3_000_000, 0x20),
    })
    expect(answer.status).toBe(413)
    const session = await connect2(face.url)
    const second = await ask2(
      session,
      { ":path": "/start", ":method": "POST", "content-type": "application/json" },
      Buffer.alloc(3_000_000, 0x20),
    )
    expect(second.status).toBe(413)
    session.close()
  })
})
