// A tiny server where reporters post: it keeps what came and counts connections, and behaves as badly as a test wants.

import { once } from "node:events"
import http from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface Posted {
  readonly opType: string
  readonly pid: number
  readonly seq: number
  readonly startTime: number
  readonly endTime: number
  readonly finished: boolean
  readonly dataType?: string
  readonly count?: number
  readonly rootRank?: number
  readonly remoteRank?: number
  readonly bytes?: number
  readonly comm_id?: string
  readonly [field: string]: unknown
}

export interface Sink {
  readonly url: string
  readonly port: number
  readonly records: ReadonlyArray<Posted>
  /** When each record was there, µs of the clock that the reporter's own is: CLOCK_MONOTONIC. */
  readonly arrivals: ReadonlyArray<number>
  readonly posts: () => number
  readonly connections: () => number
  readonly contentTypes: ReadonlySet<string>
  readonly close: () => Promise<void>
}

export interface Behaviour {
  /** Takes posts and never says a word. */
  readonly silent?: boolean
  /** Answers so instead of 200. */
  readonly answer?: (post: number) => { readonly status: number; readonly body: string }
  /** Ends a connection that was idle for so long. */
  readonly keepAliveMillis?: number
  readonly port?: number
}

const logged = { status: 200, body: '{"message":"Log processed"}' }
const nowMicros = (): number => Number(process.hrtime.bigint() / 1000n)

export const openSink = async (behaviour: Behaviour = {}): Promise<Sink> => {
  const records: Array<Posted> = []
  const arrivals: Array<number> = []
  const contentTypes = new Set<string>()
  const sockets = new Set<Socket>()
  let posts = 0
  let connections = 0
  const server = http.createServer((request, response) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      posts++
      if (behaviour.silent === true) return
      const at = nowMicros()
      contentTypes.add(request.headers["content-type"] ?? "")
      const { status, body } = behaviour.answer?.(posts) ?? logged
      if (status === 200) {
        for (const line of Buffer.concat(parts).toString().split("\n")) {
          records.push(JSON.parse(line) as Posted)
          arrivals.push(at)
        }
      }
      response.writeHead(status, { "content-type": "application/json" }).end(body)
    })
  })
  server.keepAliveTimeout = behaviour.keepAliveMillis ?? 60_000
  // Node adds a second of its own, so that a client that counts too closes first; here the server is to be the first.
  if ("keepAliveTimeoutBuffer" in server) server.keepAliveTimeoutBuffer = 0
  server.on("connection", (socket) => {
    connections++
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    socket.on("error", () => undefined)
  })
  server.listen(behaviour.port ?? 0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/log_ccl`,
    port,
    records,
    arrivals,
    posts: () => posts,
    connections: () => connections,
    contentTypes,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}
