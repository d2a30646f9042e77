// A whole agent without processes: memory log, views, commands and the HTTP face on free ports, for tests to knock at.

import { execFile } from "node:child_process"
import * as http from "node:http"
import * as http2 from "node:http2"
import * as net from "node:net"
import { Effect, Layer, ManagedRuntime, type Runtime, Stream } from "effect"
import type { Commands } from "../../src/commands/Commands.ts"
import * as DecidedCommands from "../../src/commands/DecidedCommands.ts"
import { type Environment, Secrets } from "../../src/commands/Secrets.ts"
import { Position, type ProcessId } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import * as HttpFace from "../../src/http/HttpFace.ts"
import type { RouteNeeds } from "../../src/http/Route.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import { all as projections } from "../../src/projections/all.ts"
import * as FoldedViews from "../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../src/projections/LiveReader.ts"
import { LogReader } from "../../src/projections/LogReader.ts"

const kept = new Map<ProcessId, Environment>()
const secrets = Layer.succeed(Secrets, {
  keep: (process, environment) => Effect.sync(() => kept.set(process, environment)),
  of: (process) => Effect.sync(() => kept.get(process) ?? null),
  forget: (process) => Effect.sync(() => kept.delete(process)),
})

const reader = LiveReader.layer({ name: "node-1", bootId: "boot-1" })

/** The ports that routes need, over a fresh log in memory. */
export const core = () =>
  FoldedViews.layer(projections).pipe(
    Layer.provideMerge(reader),
    Layer.merge(DecidedCommands.layer.pipe(Layer.provide(secrets))),
    Layer.provide(MemoryEventLog.layer()),
  )

export const script = {
  fallback: "launch.sh",
  roots: ["/srv/jobs"],
  directory: "/srv/jobs",
  shownNames: ["PATH", "DEBUG"],
  user: "tester",
  host: "node-1",
}
export const about = { name: "annalist", version: "0.0.0-test", description: "writes down what happened" }

export const settings: HttpFace.HttpFaceSettings = {
  host: "127.0.0.1",
  ports: { main: 0, ccl: 0, extra: [] },
  about,
  script,
  tokenFile: null,
  allowedOrigins: [],
  allowedHosts: [],
  tls: null,
  webRoot: null,
}

export interface Face {
  readonly url: string
  readonly cclUrl: string
  readonly port: number
  readonly host: string
  readonly face: (typeof HttpFace.HttpFace)["Service"]
  /** Everything in the log, in order. */
  readonly events: () => Promise<ReadonlyArray<Envelope>>
  readonly run: <A, E>(effect: Effect.Effect<A, E, Commands | LogReader | HttpFace.HttpFace>) => Promise<A>
  /** What the routes stand on, to be put behind something else than a socket. */
  readonly runtime: Runtime.Runtime<RouteNeeds>
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>
  /** Returns after everything is closed. */
  readonly close: () => Promise<void>
}

export const open = async (changes: Partial<HttpFace.HttpFaceSettings> = {}): Promise<Face> => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(HttpFace.layer({ ...settings, ...changes }), core()))
  const face = await runtime.runPromise(HttpFace.HttpFace)
  const { main, ccl } = face.addresses
  if (main === null) throw new Error("the main port is off")
  const url = face.urlOf(main)
  return {
    url,
    cclUrl: ccl === null ? url : face.urlOf(ccl),
    port: main.port,
    host: `127.0.0.1:${main.port}`,
    face,
    events: () =>
      runtime.runPromise(
        Effect.gen(function* () {
          const log = yield* LogReader
          const { head } = yield* log.source
          const chunks = yield* Stream.runCollect(log.read({ from: Position(1), to: head }))
          return Array.from(chunks).flat()
        }),
      ),
    runtime: await runtime.runtime(),
    run: (effect) => runtime.runPromise(effect),
    ask: (path, init) => fetch(new URL(path, url), init),
    close: () => runtime.dispose(),
  }
}

export const json = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: typeof body === "string" ? body : JSON.stringify(body),
})

/** Bytes to a port as they are; resolves with all that came back once the other end closes. */
export const raw = (port: number, text: string | Uint8Array, keepOpen = true): Promise<string> =>
  new Promise((resolve) => {
    let answer = ""
    const socket = net.connect(port, "127.0.0.1", () => (keepOpen ? socket.write(text) : socket.end(text)))
    socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk))
    socket.on("error", () => {})
    socket.on("close", () => resolve(answer))
  })

export const curl = (...args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile("curl", ["--silent", "--show-error", "--max-time", "5", ...args], (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr)),
    )
  })

export interface H2Answer {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly text: string
}

/** One request on an HTTP/2 session. */
export const ask2 = (
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: string | Uint8Array,
): Promise<H2Answer> =>
  new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    let text = ""
    let answered: http2.IncomingHttpHeaders = {}
    stream.on("response", (received) => (answered = received))
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    stream.on("error", reject)
    stream.on("end", () => resolve({ status: Number(answered[":status"]), headers: answered, text }))
    if (body !== undefined) stream.end(body)
  })

export const connect2 = (url: string, options: http2.ClientSessionOptions = {}): Promise<http2.ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const session = http2.connect(url, options, () => resolve(session))
    session.on("error", reject)
  })

export interface H1Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** A request whose headers, Host and Origin included, are sent as they are given. */
export const ask1 = (
  port: number,
  options: http.RequestOptions & { readonly body?: string | Uint8Array },
): Promise<H1Answer> =>
  new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, agent: false, ...options }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    request.on("error", reject)
    request.end(options.body)
  })
