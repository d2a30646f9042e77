import * as http from "node:http"
import * as http2 from "node:http2"
import * as net from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { wants } from "../support/wants.ts"
import { ask1, ask2, connect2, curl, type Face, json, open, raw } from "./face.ts"

const record = JSON.stringify({ opType: "allreduce", context_rank: 0, context_size: 2, startTime: 1, finished: false })
const type = "content-type: application/json"

describe("one port", () => {
  let face: Face
  beforeAll(async () => {
    face = await open({ limits: { lookMillis: 50 } })
  })
  afterAll(() => face.close())

  for (const [name, option, version] of [
    ["HTTP/1.1", "--http1.1", "1.1"],
    ["HTTP/2 with prior knowledge", "--http2-prior-knowledge", "2"],
    ["an upgrade to h2c, answered in HTTP/1.1 with its body read", "--http2", "1.1"],
    ["HTTP/1.0", "--http1.0", "1.1"],
  ] as const) {
    wants("curl").it(`speaks ${name}`, async () => {
      const answer = await curl(option, "-H", type, "-d", record, "-w", "%{http_version}", `${face.cclUrl}/log_ccl`)
      expect(answer).toBe(`{"message":"Log processed"}${version}`)
    })
  }

  wants("curl").it("keeps a connection that asked for h2c, request after request", async () => {
    const large = JSON.stringify({ opType: "allreduce", filename: "f".repeat(4000), more: "m".repeat(100_000) })
    const url = `${face.cclUrl}/log_ccl`
    const again = ["--next", "--silent", "--http2", "-H", type, "-w", "%{num_connects}", "-d", record, url]
    const answer = await curl("--http2", "-H", type, "-w", "%{num_connects}", "-d", large, url, ...again)
    expect(answer).toBe('{"message":"Log processed"}1{"message":"Log processed"}0')
  })

  it("answers a WebSocket handshake that nothing takes, or that the door turns away, like any other request", async () => {
    const handshake = (path: string, host = face.host) =>
      raw(
        face.port,
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n` +
          "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      )
    expect(await handshake("/nowhere")).toMatch(/^HTTP\/1\.1 404 /)
    expect(await handshake("/ws", "evil.example")).toMatch(/^HTTP\/1\.1 403 /)
    expect(await handshake("/ws?from=x")).toMatch(/^HTTP\/1\.1 422 /)
  })

  it("takes a preface that comes byte by byte", async () => {
    const socket = net.connect(face.port, "127.0.0.1")
    const session = http2.connect(face.url, { createConnection: () => socket })
    socket.setNoDelay(true)
    expect((await ask2(session, { ":path": "/status" })).status).toBe(200)
    session.close()
    const answer = raw(face.port, "P", true)
    expect(await Promise.race([answer, Promise.resolve("waiting")])).toBe("waiting")
  })

  it("refuses what is no HTTP in words", async () => {
    expect(await raw(face.port, "hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [^]*"error":"this is not an HTTP request/)
    expect(await raw(face.port, `GET / HTTP/1.1\r\nhost: ${face.host}\r\nx: ${"a".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [^]*larger than 16 KiB/,
    )
    expect(await raw(face.port, "PRX * HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /)
  })

  it("ends a session of broken header compression and goes on with others", async () => {
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
    const badHeaders = Buffer.from([0, 0, 4, 1, 5, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff])
    await raw(face.port, Buffer.concat([preface, settings, badHeaders]))
    expect((await face.ask("/status")).status).toBe(200)
  })

  it("ends a session that opens streams only to reset them", async () => {
    const session = await connect2(face.url)
    const closed = new Promise<void>((resolve) => session.once("close", resolve))
    let opened = 0
    const storm = () => {
      for (let index = 0; index < 50 && !session.destroyed; index++) {
        const stream = session.request({ ":path": "/status" })
        stream.on("error", () => {})
        stream.close(http2.constants.NGHTTP2_CANCEL)
        opened++
      }
      if (!session.destroyed && opened < 20_000) setImmediate(storm)
    }
    storm()
    await closed
    expect(opened).toBeLessThan(20_000)
    expect((await face.ask("/status")).status).toBe(200)
  })
})

describe("a slow peer", () => {
  const limits = { headMillis: 200, bodyMillis: 200, stallMillis: 200, idleMillis: 300 }
  let face: Face
  beforeAll(async () => {
    face = await open({ limits })
  })
  afterAll(() => face.close())

  it("that says nothing is hung up on", async () => {
    expect(await raw(face.port, "")).toBe("")
    expect(await raw(face.port, "PRI * HT")).toBe("")
  })

  it("that never ends its head is told so", async () => {
    expect(await raw(face.port, `GET / HTTP/1.1\r\nhost: ${face.host}\r\nx-a: 1\r\n`)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it("that never ends its body is told so, in both protocols", async () => {
    // The other limits must not come first when the machine is busy.
    const face = await open({ limits: { ...limits, headMillis: 60_000, idleMillis: 60_000 } })
    const head = `POST /start HTTP/1.1\r\nhost: ${face.host}\r\n${type}\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{`
    expect(await raw(face.port, head)).toMatch(/^HTTP\/1\.1 408 [^]*did not arrive within 0\.2 s/)
    const lines = head.replace("/start", "/log_ccl").replace("application/json", "application/x-ndjson")
    expect(await raw(face.port, lines)).toMatch(/^HTTP\/1\.1 408 [^]*no byte of the body arrived for 0\.2 s/)
    const session = await connect2(face.url)
    const stream = session.request({ ":path": "/start", ":method": "POST", "content-type": "application/json" })
    stream.write("{")
    const status = await new Promise((resolve) => stream.on("response", (headers) => resolve(headers[":status"])))
    expect(status).toBe(408)
    stream.close()
    session.close()
    await face.close()
  })

  it("that does not take its answer loses it, and keeps its session", async () => {
    const other = await open({ limits: { ...limits, idleMillis: 60_000, lookMillis: 20 } })
    const session = await connect2(other.url, { settings: { initialWindowSize: 0 } })
    const held = session.request({ ":path": "/openapi.json" })
    const code = await new Promise((resolve) => held.once("close", () => resolve(held.rstCode)))
    expect(code).toBe(http2.constants.NGHTTP2_CANCEL)
    expect(await new Promise((resolve) => session.ping((error) => resolve(error)))).toBe(null)
    session.destroy()
    await other.close()
  })

  it("that asks nothing more is hung up on, in both protocols", async () => {
    expect(await raw(face.port, `GET /status HTTP/1.1\r\nhost: ${face.host}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
    const session = await connect2(face.url)
    await new Promise<void>((resolve) => session.once("close", resolve))
  })

  it("that follows a quiet log is not", async () => {
    const response = await face.ask("/v1/events?follow=true&types=Ticked")
    const reader = response.body?.getReader()
    // Others that are as quiet are hung up on meanwhile, twice over.
    for (const _ of [1, 2]) await raw(face.port, `GET /status HTTP/1.1\r\nhost: ${face.host}\r\n\r\n`)
    expect(await Promise.race([reader?.read(), Promise.resolve("still open")])).toBe("still open")
    await reader?.cancel()
  })
})

describe("closing", () => {
  it("takes less than two seconds with streams, half requests and idle connections open, and ends streams politely", async () => {
    const face = await open({ ports: { main: 0, ccl: 0, extra: [0, 0] } })
    await face.ask("/log_ccl", json(record))
    const follower = await face.ask("/v1/events?follow=true")
    const followed = follower.text()
    const events = await face.ask("/v1/events?follow=1", { headers: { accept: "text/event-stream" } })
    const evented = events.text()
    const session = await connect2(face.url)
    const goaway = new Promise<void>((resolve) => session.once("goaway", () => resolve()))
    const second = ask2(session, { ":path": "/v1/events?follow" })
    const idle = await connect2(face.cclUrl)
    const silent = raw(face.port, "")
    const half = raw(face.port, `POST /start HTTP/1.1\r\nhost: ${face.host}\r\n${type}\r\ncontent-length: 9\r\n\r\n`)
    await ask2(session, { ":path": "/status" })
    const begun = performance.now()
    await face.close()
    expect(performance.now() - begun).toBeLessThan(2000)
    expect((await followed).trim().split("\n")).toHaveLength(1)
    expect(await evented).toMatch(/^id: 1\nevent: CollectiveStarted\ndata: \{.*\}\n\n$/)
    expect((await second).text).toContain('"position":1')
    await goaway
    expect(await silent).toBe("")
    await half
    expect(idle.closed || idle.destroyed).toBe(true)
    await expect(fetch(face.url)).rejects.toThrow()
  })

  it("is done at once where only streams are open", async () => {
    const face = await open({ limits: { closeMillis: 10_000 } })
    const follower = (await face.ask("/v1/events?follow")).text()
    const session = await connect2(face.url)
    const second = ask2(session, { ":path": "/v1/events?follow" })
    await ask2(session, { ":path": "/status" })
    const begun = performance.now()
    await face.close()
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(await follower).toBe("")
    expect((await second).text).toBe("")
  })

  it("lets an answer that is being written arrive", async () => {
    const face = await open()
    await face.ask("/log_ccl", json(record))
    const answer = ask1(face.port, { path: "/v1/export" })
    await ask1(face.port, { path: "/status" })
    await face.close()
    expect((await answer).text).toContain('{"end":true')
  })
})

describe("ports", () => {
  it("that are off are not opened, and those that are given answer alike", async () => {
    const face = await open({ ports: { main: 0, ccl: "off", extra: [0, "off"] } })
    const { addresses, urlOf } = face.face
    expect(addresses.ccl).toBeNull()
    expect(addresses.extra).toHaveLength(1)
    const extra = addresses.extra[0]
    if (extra === undefined) throw new Error("no extra port")
    const answers = await Promise.all(
      [face.url, urlOf(extra)].map(async (url) => (await fetch(`${url}/status`)).text()),
    )
    expect(answers[0]).toBe(answers[1])
    await face.close()
  })

  it("in use are an error that names the port, but for an extra one", async () => {
    const other = http.createServer()
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const { port } = other.address() as net.AddressInfo
    await expect(open({ ports: { main: port, ccl: 0, extra: [] } })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use by another program`,
    )
    const face = await open({ ports: { main: 0, ccl: 0, extra: [port] } })
    expect(face.face.addresses.extra).toEqual([])
    await face.close()
    other.close()
  })

  it("are not opened to other machines without anything that tells callers apart", async () => {
    await expect(open({ host: "0.0.0.0" })).rejects.toThrow(/can be reached from other machines/)
    await expect(open({ tokenFile: "/nonexistent/tokens" })).rejects.toThrow(/token file .* cannot be used: ENOENT/)
    await expect(open({ host: "192.0.2.1", tokenFile: "/nonexistent" })).rejects.toThrow(/ENOENT/)
  })
})
