// The HTTP face: every port, one table behind all of them, open for as long as its scope.

import { hostname, networkInterfaces } from "node:os"
import { Context, Data, Effect, Layer, type Scope } from "effect"
import { Commands } from "../commands/Commands.ts"
import * as Dispatch from "./dispatch.ts"
import * as Handshake from "./handshake.ts"
import * as Audit from "./door/Audit.ts"
import { bindRefusal } from "./door/bindRefusal.ts"
import * as Door from "./door/Door.ts"
import { Hosts } from "./door/Hosts.ts"
import * as SocketOwners from "./door/SocketOwners.ts"
import * as Tokens from "./door/Tokens.ts"
import { gathered } from "./gathered.ts"
import { readPage } from "./pageFiles.ts"
import { isLoopback } from "./Peer.ts"
import type { Role } from "./Role.ts"
import type { RouteNeeds } from "./Route.ts"
import type { RouteSettings } from "./RouteSettings.ts"
import * as Deadlines from "./server/Deadlines.ts"
import * as Limits from "./server/Limits.ts"
import { listen, type Listener, type Tls } from "./server/Listener.ts"
import type { ListenError } from "./server/ListenError.ts"
import * as Serving from "./server/Serving.ts"
import * as WebSockets from "./server/WebSockets.ts"
import * as ShortWay from "./shortWay.ts"
import { table } from "./table.ts"

/** 0 takes any free port. */
export type Port = number | "off"

export interface HttpFaceSettings extends Omit<RouteSettings, "page" | "sockets"> {
  readonly host: string
  readonly ports: {
    readonly main: Port
    readonly ccl: Port
    /** One of these that is in use is a warning and no more. */
    readonly extra: ReadonlyArray<Port>
  }
  readonly tokenFile: string | null
  readonly allowedOrigins: ReadonlyArray<string>
  readonly allowedHosts: ReadonlyArray<string>
  readonly tls: Tls | null
  /** The folder of the built page. */
  readonly webRoot: string | null
  readonly limits?: Partial<Limits.Limits>
  /** Where the kernel tells whose socket is whose. */
  readonly procRoot?: string
  /** The agent's own user; read from the process unless told. */
  readonly ownUid?: number | null
}

/** The address may not be listened on as things are set. */
export class BindRefused extends Data.TaggedError("BindRefused")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export type HttpFaceError = BindRefused | ListenError | Tokens.TokenFileError

export interface Addresses {
  /** null for a port that is off. */
  readonly main: Listener | null
  readonly ccl: Listener | null
  readonly extra: ReadonlyArray<Listener>
}

export class HttpFace extends Context.Tag("annalist/HttpFace")<
  HttpFace,
  {
    readonly addresses: Addresses
    /** "http://127.0.0.1:8080", without a slash at the end. */
    readonly urlOf: (listener: Listener) => string
  }
>() {}

/** What a verified client certificate is good for. */
const certificateRole: Role = "operator"

const make = (settings: HttpFaceSettings) =>
  Effect.gen(function* () {
    const limits: Limits.Limits = { ...Limits.standard, ...settings.limits }
    const tokens = settings.tokenFile === null ? Tokens.none : yield* Tokens.load(settings.tokenFile)
    const proof = { tokens: tokens.entries.length > 0, clientCertificates: (settings.tls?.clientCa ?? null) !== null }
    const refusal = bindRefusal(settings.host, proof)
    if (refusal !== null) return yield* new BindRefused({ reason: refusal })
    if (!isLoopback(settings.host) && settings.tls === null) {
      yield* Effect.logWarning(`${settings.host} is served without TLS: tokens and answers can be read on the way`)
    }
    const scheme = settings.tls === null ? "http" : "https"
    const hosts = new Hosts({ ...settings, ownNames: ownNames(settings.host), ownScheme: scheme })
    const door = Door.make({
      hosts,
      tokens,
      owners: SocketOwners.make(settings.procRoot ?? "/proc"),
      audit: yield* Audit.make,
      ownUid: settings.ownUid === undefined ? (process.getuid?.() ?? null) : settings.ownUid,
      certificateRole,
    })
    const page = settings.webRoot === null ? null : yield* readPage(settings.webRoot)
    const routes = table({ ...settings, page, sockets: () => sockets.open() })
    const { commands, recordLone } = yield* gathered(yield* Commands)
    const runtime = yield* Effect.runtime<RouteNeeds>().pipe(Effect.provideService(Commands, commands))
    const ways = { short: ShortWay.make(routes, door, recordLone), long: Dispatch.make(routes, door) }
    const serving = Serving.make(ways, runtime, limits.requestsInFlight)
    const sockets = WebSockets.make(Handshake.make(routes, door), runtime, limits)
    const deadlines = yield* Deadlines.make(limits.bodyMillis)
    yield* Effect.addFinalizer(() => Effect.sync(serving.interrupt))

    const open = (port: number) =>
      listen({
        host: settings.host,
        port,
        limits,
        bodies: { deadlines, bodyMillis: limits.bodyMillis, stallMillis: limits.stallMillis },
        serving,
        tls:
          settings.tls === null
            ? null
            : { ...settings.tls, certificateRequired: proof.clientCertificates && !proof.tokens },
        upgrade: sockets.upgrade,
        onBound: (bound) => hosts.addPort(bound),
      })
    const addresses = yield* openAll(settings.ports, open)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        sockets.close()
        serving.close()
      }),
    )
    const urlOf = ({ address, port }: Listener) =>
      `${scheme}://${address.includes(":") ? `[${address}]` : address}:${port}`
    return HttpFace.of({ addresses, urlOf })
  })

/** Ports close side by side: each may take its whole time. */
const openAll = (
  ports: HttpFaceSettings["ports"],
  open: (port: number) => Effect.Effect<Listener, ListenError, Scope.Scope>,
): Effect.Effect<Addresses, ListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const needed = (port: Port): Effect.Effect<Listener | null, ListenError, Scope.Scope> =>
      port === "off" ? Effect.succeed(null) : open(port)
    const wished = (port: Port) =>
      Effect.catchAll(needed(port), (error) =>
        Effect.as(Effect.logWarning(`${error.message}; the agent goes on without this extra port`), null),
      )
    const main = yield* needed(ports.main)
    const ccl = yield* needed(ports.ccl)
    const extra = yield* Effect.forEach(ports.extra, wished)
    return { main, ccl, extra: extra.filter((listener) => listener !== null) }
  }).pipe(Effect.parallelFinalizers)

/** How this machine may be called by who reaches the address: by loopback names, and beyond loopback by its own. */
export const ownNames = (host: string): ReadonlyArray<string> => {
  const names = ["localhost", "127.0.0.1", "::1"]
  if (isLoopback(host)) return Array.from(new Set([...names, host]))
  const own = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
  const wildcard = host === "0.0.0.0" || host === "::"
  return Array.from(new Set([...names, hostname(), ...(wildcard ? own : [host])]))
}

/** Failures are told in words for whoever starts the program; nothing stays open after one. */
export const layer = (settings: HttpFaceSettings): Layer.Layer<HttpFace, HttpFaceError, RouteNeeds> =>
  Layer.scoped(HttpFace, make(settings))
