// One port for HTTP/1.1, WebSocket and cleartext HTTP/2: the first bytes of a connection tell which it is.

import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Effect, type Scope } from "effect"
import type { IncomingRequest } from "../IncomingRequest.ts"
import * as h1 from "./http1.ts"
import type { Limits } from "./Limits.ts"
import { ListenError } from "./ListenError.ts"
import type { BodyBounds } from "./nodeBody.ts"
import type { Serving } from "./Serving.ts"
import * as Sessions from "./sessions.ts"
import { sniff } from "./sniff.ts"
import { peerOf } from "./socketPeer.ts"

export interface Tls {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** Whose client certificates are taken as proof of who calls. */
  readonly clientCa: string | null
}

/** Takes a WebSocket handshake over, or has it answered as plain HTTP. */
export type Upgrade = (
  request: IncomingRequest,
  socket: Duplex,
  head: Buffer,
  message: http.IncomingMessage,
  asPlain: () => void,
) => void

export interface ListenerSettings {
  readonly host: string
  readonly port: number
  readonly limits: Limits
  readonly bodies: BodyBounds
  readonly serving: Serving
  readonly tls: (Tls & { readonly certificateRequired: boolean }) | null
  readonly upgrade: Upgrade
  /** Told before the first connection is taken. */
  readonly onBound: (port: number) => void
}

export interface Listener {
  readonly address: string
  readonly port: number
}

interface Front {
  readonly server: http.Server
  readonly sessions: Sessions.Sessions
  readonly sockets: ReadonlySet<Socket>
  /** Of them, those that have not said anything yet. */
  readonly silent: ReadonlySet<Socket>
  readonly bound: Listener
}

export const listen = (settings: ListenerSettings): Effect.Effect<Listener, ListenError, Scope.Scope> =>
  Effect.acquireRelease(opened(settings), (front) => closed(front, settings.limits.closeMillis)).pipe(
    Effect.tap(({ sessions }) =>
      Effect.forkScoped(
        Effect.forever(Effect.zipRight(Effect.sleep(settings.limits.lookMillis), Effect.sync(sessions.look))),
      ),
    ),
    Effect.map(({ bound }) => bound),
  )

const opened = (settings: ListenerSettings): Effect.Effect<Front, ListenError> =>
  Effect.async((resume) => {
    const server = frontServer(settings)
    const sessions = Sessions.make(settings.limits, settings.bodies, settings.serving)
    const tracked = handOver(server, settings, sessions)
    server.once("error", (error: NodeJS.ErrnoException) => {
      const { host, port } = settings
      resume(Effect.fail(new ListenError({ host, port, code: error.code ?? "UNKNOWN" })))
    })
    server.listen({ host: settings.host, port: settings.port }, () => {
      const { address, port } = server.address() as AddressInfo
      settings.onBound(port)
      server.removeAllListeners("error")
      // Once open, an error is that of one connection (too many files): node drops that one and goes on.
      server.on("error", () => {})
      resume(Effect.succeed({ server, sessions, ...tracked, bound: { address, port } }))
    })
  })

const frontServer = ({ limits, tls }: ListenerSettings): http.Server => {
  const options: http.ServerOptions = {
    headersTimeout: limits.headMillis,
    // Bodies have their own bounds: a stream of records may go on for as long as it moves.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, limits.headMillis / 4)),
    keepAliveTimeout: limits.idleMillis,
    maxHeaderSize: limits.headBytes,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // The door says in words what is missing.
    requireHostHeader: false,
  }
  const server =
    tls === null
      ? http.createServer(options)
      : https.createServer({
          ...options,
          cert: tls.cert,
          key: tls.key,
          ...(tls.clientCa === null ? {} : { ca: tls.clientCa, requestCert: true }),
          rejectUnauthorized: tls.certificateRequired,
          ALPNProtocols: ["h2", "http/1.1"],
          handshakeTimeout: limits.headMillis,
        })
  // Beyond a limit of its own node drops fields without a word: the door would not see an Origin behind them.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  server.timeout = limits.idleMillis
  return server
}

/** Puts the look at the first bytes before node's own handling of a connection. */
const handOver = (server: http.Server, settings: ListenerSettings, sessions: Sessions.Sessions) => {
  const { limits, bodies, serving, upgrade } = settings
  const sockets = new Set<Socket>()
  const silent = new Set<Socket>()
  const event = settings.tls === null ? "connection" : "secureConnection"
  const [asHttp1] = server.listeners(event)
  server.removeAllListeners(event)
  const takeHttp1 = (socket: Socket) => {
    asHttp1?.call(server, socket)
  }

  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    socket.on("error", () => socket.destroy())
  })
  server.on(event, (socket: Socket) => {
    silent.add(socket)
    socket.once("close", () => silent.delete(socket))
    socket.on("error", () => socket.destroy())
    sniff(socket, limits.headMillis, (track) => {
      silent.delete(socket)
      if (track === "http1") takeHttp1(socket)
      else if (track === "http2") sessions.take(socket)
      else socket.destroy()
    })
  })
  const latest = new WeakMap<Socket, http.ServerResponse>()
  server.on("request", (message, response) => {
    latest.set(message.socket, response)
    if (message.rawHeaders.length > 2 * limits.headFields) return h1.refuseFields(response, limits.headFields)
    const request = h1.incoming(message, peerOf(message.socket), bodies)
    serving.handle(request, h1.outlet(message, response, limits.stallMillis))
  })
  server.on("upgrade", (message, socket: Socket, head: Buffer) => {
    // Read once more as a request that asks for nothing but an answer, its body still in front of it.
    const again = () => {
      if (socket.destroyed) return
      socket.unshift(h1.withoutUpgrade(message, head))
      takeHttp1(socket)
    }
    // A new parser knows nothing of the answers that the old one still owes on this connection.
    const asPlain = () => {
      const owed = latest.get(socket)
      if (owed === undefined || owed.writableFinished) again()
      else owed.once("close", again)
    }
    if (h1.isWebSocket(message)) upgrade(h1.incoming(message, peerOf(socket), bodies), socket, head, message, asPlain)
    else asPlain()
  })
  server.on("clientError", h1.refuseUnparsed)
  return { sockets, silent }
}

/** Stops taking connections, lets what is being answered finish, and cuts what is left when the time is over. */
const closed = (front: Front, closeMillis: number): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const cut = setTimeout(() => {
      front.sessions.destroy()
      for (const socket of front.sockets) socket.destroy()
    }, closeMillis)
    front.server.close(() => {
      clearTimeout(cut)
      resume(Effect.void)
    })
    front.server.closeIdleConnections()
    front.sessions.close()
    for (const socket of front.silent) socket.destroy()
  })
