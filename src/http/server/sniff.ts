// Looks at the first bytes of a connection: the HTTP/2 preface, or anything else, which is HTTP/1.

import type { Socket } from "node:net"

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1")

/** "silent": nothing that could be told apart came in time. */
export type Track = "http1" | "http2" | "silent"

/** What was read is put back, so that whoever gets the socket sees it from its first byte. */
export const sniff = (socket: Socket, patienceMillis: number, decided: (track: Track) => void): void => {
  let held: Buffer = Buffer.alloc(0)
  const decide = (track: Track) => {
    clearTimeout(patience)
    socket.off("readable", look).off("end", onSilence).off("close", onSilence)
    if (held.length > 0) socket.unshift(held)
    decided(track)
  }
  const look = () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const seen = Math.min(held.length, preface.length)
    const like = held.compare(preface, 0, seen, 0, seen) === 0
    if (!like) decide("http1")
    else if (seen === preface.length) decide("http2")
  }
  const onSilence = () => {
    held = Buffer.alloc(0)
    decide("silent")
  }
  const patience = setTimeout(onSilence, patienceMillis)
  socket.on("readable", look).on("end", onSilence).on("close", onSilence)
}
