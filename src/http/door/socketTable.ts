// Reads /proc/net/tcp and tcp6: which user's socket is the other end of a loopback connection.

import type { Endpoint } from "../Peer.ts"

export interface Owner {
  readonly uid: number
  readonly inode: number
}

/** The text of the two tables; empty where there is none. */
export interface SocketTables {
  readonly tcp: string
  readonly tcp6: string
}

/**
 * The socket whose own address is `peer` and whose far end is `own`. Null when it is not listed, and when it is
 * listed without an inode: the kernel shows a socket that its process has let go of as root's, so that whoever sends
 * a request and closes at once would be taken for root.
 */
export const ownerOf = (tables: SocketTables, peer: Endpoint, own: Endpoint): Owner | null => {
  const v4 = fourBytes(peer.address) !== null
  const plain = find(v4 ? tables.tcp : tables.tcp6, hexEndpoint(peer, false), hexEndpoint(own, false))
  return plain ?? (v4 ? find(tables.tcp6, hexEndpoint(peer, true), hexEndpoint(own, true)) : null)
}

const find = (table: string, local: string | null, remote: string | null): Owner | null => {
  if (local === null || remote === null) return null
  const at = table.indexOf(` ${local} ${remote} `)
  if (at === -1) return null
  // After the two addresses: state, queues, timer, retransmissions, uid, timeout, inode.
  const fields = table.slice(at + 1, at + 400).split(/\s+/, 9)
  const uid = Number(fields[6])
  const inode = Number(fields[8])
  return Number.isInteger(uid) && Number.isInteger(inode) && inode > 0 ? { uid, inode } : null
}

/** As the kernel prints it: each 32-bit word of the address in the host's order, then the port. */
const hexEndpoint = (endpoint: Endpoint, mapped: boolean): string | null => {
  const four = fourBytes(endpoint.address)
  const bytes = four === null ? sixteenBytes(endpoint.address) : mapped ? [...mappedPrefix, ...four] : four
  if (bytes === null) return null
  let hex = ""
  for (let word = 0; word < bytes.length; word += 4) {
    for (let index = 3; index >= 0; index--) hex += hexByte(bytes[word + (littleEndian ? index : 3 - index)] ?? 0)
  }
  return `${hex}:${hexByte(endpoint.port >> 8)}${hexByte(endpoint.port & 255)}`
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0")

const fourBytes = (address: string): ReadonlyArray<number> | null => {
  const parts = address.split(".").map(Number)
  return parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255) ? parts : null
}

const sixteenBytes = (address: string): ReadonlyArray<number> | null => {
  const [head = "", tail] = address.split("::")
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const gap = 8 - left.length - right.length
  if (gap < 0 || (gap > 0 && tail === undefined)) return null
  const words = [...left, ...Array.from({ length: gap }, () => 0), ...right]
  return words.flatMap((word) => [word >> 8, word & 255])
}

const groups = (text: string): ReadonlyArray<number> =>
  text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16))
