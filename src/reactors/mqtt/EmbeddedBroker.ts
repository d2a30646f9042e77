// A broker in the agent itself, for where there is none: MQTT 3.1.1 over TCP, nothing of it outlives the agent.

import { createHash, timingSafeEqual } from "node:crypto"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { Aedes } from "aedes"
import { Effect, type Scope } from "effect"
import { BrokerError } from "./Broker.ts"

export interface EmbeddedOptions {
  readonly host: string
  /** 0 is any free one. */
  readonly port: number
  /** Without a name everybody is let in. */
  readonly username: string | null
  readonly password: string | null
}

const mostConnections = 1000
/** A subscriber that does not read for so long is hung up on: meanwhile what it should have had is in memory. */
const drainMillis = 10_000

/** Where clients of this host find it. */
export const open = (options: EmbeddedOptions): Effect.Effect<string, BrokerError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise({
        try: () => listening(options),
        catch: (error) =>
          new BrokerError({ reason: `no broker can listen on ${options.host}:${options.port}: ${String(error)}` }),
      }),
      ({ close }) => Effect.promise(close),
    ),
    ({ port }) => `mqtt://${reachable(options.host)}:${port}`,
  )

const listening = async (options: EmbeddedOptions) => {
  const broker = await Aedes.createBroker({
    drainTimeout: drainMillis,
    // Whoever is away is owed nothing: a session kept for a subscriber that never comes back would grow for ever.
    preConnect: (_, packet, done) => {
      Object.assign(packet, { clean: true })
      done(null, true)
    },
    authenticate: (_, username, password, done) => done(null, isKnown(options, username, password)),
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)))
    broker.handle(socket)
  })
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    await new Promise<void>((resolve) => broker.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, close }
}

const isKnown = (options: EmbeddedOptions, username: string | undefined, password: Buffer | undefined): boolean =>
  options.username === null ||
  (isSame(username ?? "", options.username) && isSame(password ?? "", options.password ?? ""))

/** Takes as long for a wrong one as for a right one. */
const isSame = (given: string | Buffer, right: string): boolean => timingSafeEqual(digest(given), digest(right))

const digest = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest()

/** An address that stands for all of the host's is none to connect to. */
const reachable = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1"
  if (host === "::") return "[::1]"
  return host.includes(":") ? `[${host}]` : host
}
