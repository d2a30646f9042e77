// What a socket says of its other end.

import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import * as Peer from "../Peer.ts"

const peers = new WeakMap<Socket, Peer.Peer>()

/** One peer a connection: what is found out about it is kept with it. */
export const peerOf = (socket: Socket): Peer.Peer => {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const made = Peer.make(
    { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    certificateOf(socket),
  )
  peers.set(socket, made)
  return made
}

const certificateOf = (socket: Socket): string | null => {
  if (!("getPeerCertificate" in socket)) return null
  const secure = socket as TLSSocket
  if (!secure.authorized) return null
  const name: unknown = secure.getPeerCertificate().subject?.CN
  return typeof name === "string" ? name : "unnamed"
}
