// The other end of a connection: what the socket itself says of it, and what was found out since.

import type { RouteCaller } from "./Route.ts"

export interface Endpoint {
  readonly address: string
  readonly port: number
}

export interface Peer {
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly loopback: boolean
  /** The subject of the client certificate that was verified, if one was asked for. */
  readonly certificate: string | null
  /** Who it is without credentials; null until the door has looked. Kept for the life of the connection. */
  caller: RouteCaller | null
}

export const make = (remote: Endpoint, local: Endpoint, certificate: string | null): Peer => {
  const address = plainAddress(remote.address)
  return {
    remote: { address, port: remote.port },
    local: { address: plainAddress(local.address), port: local.port },
    loopback: isLoopback(address),
    certificate,
    caller: null,
  }
}

/** "::ffff:10.0.0.7" is 10.0.0.7 on a socket that takes both families; a zone (`%eth0`) is no part of the address. */
const plainAddress = (address: string): string => {
  const bare = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address
  const zone = bare.indexOf("%")
  return zone === -1 ? bare : bare.slice(0, zone)
}

export const isLoopback = (address: string): boolean =>
  address === "::1" || address === "localhost" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address)
