// The door: what is turned away before any handler sees it, and as whom the rest comes in.

import { Effect } from "effect"
import type { IncomingRequest } from "../IncomingRequest.ts"
import type { Peer } from "../Peer.ts"
import { Problem } from "../Problem.ts"
import type { Role } from "../Role.ts"
import type { RouteCaller } from "../Route.ts"
import type { Audit } from "./Audit.ts"
import type { Hosts } from "./Hosts.ts"
import type { SocketOwners } from "./SocketOwners.ts"
import * as Tokens from "./Tokens.ts"

export interface Door {
  /** What no request may come with, whoever sends it: a strange host, a strange origin. Null lets it pass. */
  readonly entrance: (request: IncomingRequest) => Problem | null
  /** As whom the request comes in; at once where it is known already. */
  readonly callerOf: (request: IncomingRequest) => RouteCaller | Effect.Effect<RouteCaller, Problem>
  /** Headers by which a browser lets an allowed page elsewhere read the answer. */
  readonly crossOrigin: (request: IncomingRequest) => Readonly<Record<string, string>> | null
  /** Writes a refusal down. */
  readonly refused: (request: IncomingRequest, actor: string, problem: Problem) => void
}

export interface DoorSettings {
  readonly hosts: Hosts
  readonly tokens: Tokens.Tokens
  readonly owners: SocketOwners
  readonly audit: Audit
  /** The agent's own user; its processes and root's may do everything on loopback. Null where there are no uids. */
  readonly ownUid: number | null
  /** What a verified client certificate is good for. */
  readonly certificateRole: Role
}

/** A search in vain costs as much as one that finds somebody: for so long it is not repeated on the same connection. */
const strangerMillis = 5_000

const readable = {
  vary: "Origin",
  "access-control-expose-headers": "annalist-position, location, retry-after",
} as const

export const make = (settings: DoorSettings): Door => ({
  entrance: (request) => hostFault(settings.hosts, request) ?? originFault(settings.hosts, request),
  callerOf: (request) => {
    const presented = request.headers["authorization"]
    if (presented !== undefined) return byToken(settings, request.peer, presented)
    return request.peer.caller ?? byConnection(settings, request.peer)
  },
  crossOrigin: (request) => {
    const origin = request.headers["origin"]
    return origin === undefined ? null : { ...readable, "access-control-allow-origin": origin }
  },
  refused: (request, actor, problem) => {
    const query = request.target.indexOf("?")
    settings.audit.refused({
      actor,
      method: request.method,
      path: query === -1 ? request.target : request.target.slice(0, query),
      status: problem.status,
      reason: problem.detail,
      peer: request.peer.remote.address,
    })
  },
})

/** A function called by a host program, which has its own door: everybody comes in with one role. */
export const trusting = (role: Role): Door => {
  const caller: RouteCaller = { actor: "function", role, peer: "function", peerPid: Effect.succeed(null) }
  return { entrance: () => null, callerOf: () => caller, crossOrigin: () => null, refused: () => {} }
}

const hostFault = (hosts: Hosts, request: IncomingRequest): Problem | null => {
  const { authority } = request
  if (authority === undefined || authority === "") {
    return new Problem({
      status: 400,
      kind: "host-missing",
      detail: `the request names no host; send the header Host: ${hosts.example()}`,
    })
  }
  if (!hosts.allowsHost(authority)) return hostRefused(hosts, authority)
  const host = request.headers["host"]
  return host === undefined || host === authority || hosts.allowsHost(host) ? null : hostRefused(hosts, host)
}

const hostRefused = (hosts: Hosts, host: string): Problem =>
  new Problem({
    status: 403,
    kind: "host-refused",
    detail:
      `this agent does not answer for the host ${quoted(host)}; ask ${hosts.example()}, ` +
      "or add the name to ANNALIST_ALLOWED_HOSTS",
  })

const originFault = (hosts: Hosts, request: IncomingRequest): Problem | null => {
  const origin = request.headers["origin"]
  if (origin !== undefined && !hosts.allowsOrigin(origin)) {
    return new Problem({
      status: 403,
      kind: "origin-refused",
      detail: `pages of the origin ${quoted(origin)} may not use this agent; add it to ANNALIST_ALLOWED_ORIGINS if they should`,
    })
  }
  if (request.headers["sec-fetch-site"] !== "cross-site") return null
  if (origin !== undefined && hosts.isConfigured(origin)) return null
  if (isNavigation(request)) return null
  return new Problem({
    status: 403,
    kind: "cross-site-refused",
    detail: "the request was made by a page of another site; only origins in ANNALIST_ALLOWED_ORIGINS may do that",
  })
}

/** A link elsewhere that leads to the page: a plain GET of a whole document. */
const isNavigation = (request: IncomingRequest): boolean =>
  request.method === "GET" &&
  request.headers["sec-fetch-mode"] === "navigate" &&
  request.headers["sec-fetch-dest"] === "document" &&
  (request.target === "/" || request.target.startsWith("/?"))

const byToken = (
  settings: DoorSettings,
  peer: Peer,
  presented: string,
): RouteCaller | Effect.Effect<never, Problem> => {
  const token = /^Bearer +(\S+)$/i.exec(presented)?.[1]
  const role = token === undefined ? null : Tokens.roleOf(settings.tokens, token)
  if (role !== null)
    return { actor: `token:${role}`, role, peer: peer.remote.address, peerPid: peerPid(settings, peer) }
  return Effect.fail(
    new Problem({
      status: 401,
      kind: "token-refused",
      detail:
        token === undefined
          ? "the Authorization header must read: Bearer <token>"
          : "this token is not in the agent's token file; check ANNALIST_TOKEN_FILE on the agent's host",
      headers: { "www-authenticate": 'Bearer realm="annalist", error="invalid_token"' },
    }),
  )
}

/** Kept on the connection, whose owner does not change. */
const byConnection = (settings: DoorSettings, peer: Peer): RouteCaller | Effect.Effect<RouteCaller> => {
  const known = (actor: string, role: Role): RouteCaller => {
    peer.caller = { actor, role, peer: peer.remote.address, peerPid: peerPid(settings, peer) }
    return peer.caller
  }
  if (peer.certificate !== null) return known(`certificate:${peer.certificate}`, settings.certificateRole)
  if (!peer.loopback) return known(`peer:${peer.remote.address}`, "anyone")
  return Effect.map(settings.owners.ownerOf(peer), (owner) => {
    if (owner === null) return known("loopback", "viewer")
    const trusted = owner.uid === 0 || owner.uid === settings.ownUid
    return known(`uid:${owner.uid}`, trusted ? "admin" : "viewer")
  })
}

const peerPid = (settings: DoorSettings, peer: Peer): Effect.Effect<number | null> => {
  if (!peer.loopback) return Effect.succeed(null)
  let found: { readonly pid: number | null; readonly goodUntil: number } | null = null
  return Effect.suspend(() =>
    found !== null && performance.now() < found.goodUntil
      ? Effect.succeed(found.pid)
      : settings.owners.ownerOf(peer).pipe(
          Effect.flatMap((owner) => (owner === null ? Effect.succeed(null) : settings.owners.pidOf(owner))),
          Effect.tap((pid) =>
            Effect.sync(() => {
              found = { pid, goodUntil: pid === null ? performance.now() + strangerMillis : Infinity }
            }),
          ),
        ),
  )
}

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
