// HTTP/2: from node's streams to the door and back. The core API, since the compatible one costs a third of the speed.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2"
import type { IncomingRequest, Reply } from "../IncomingRequest.ts"
import type { Peer } from "../Peer.ts"
import * as nodeBody from "./nodeBody.ts"
import type { Outlet } from "./Serving.ts"
import { writeTo } from "./writing.ts"

export const incoming = (
  stream: ServerHttp2Stream,
  received: IncomingHttpHeaders,
  peer: Peer,
  bounds: nodeBody.BodyBounds,
): IncomingRequest => {
  // Only set-cookie is ever an array here, and nothing asks for it.
  const headers = received as Readonly<Record<string, string | undefined>>
  return {
    method: headers[":method"] ?? "GET",
    target: headers[":path"] ?? "",
    authority: headers[":authority"] ?? headers["host"],
    headers,
    peer,
    body: stream.endAfterHeaders ? nodeBody.absent : nodeBody.make(stream, headers["content-length"], bounds),
  }
}

export const outlet = (stream: ServerHttp2Stream, stallMillis: number): Outlet => ({
  open: () => !stream.destroyed && !stream.closed && !stream.headersSent,
  send: (reply) => {
    if (reply.bytes === null) stream.respond(fields(reply), { endStream: true })
    else {
      stream.respond(fields(reply))
      stream.end(reply.bytes)
    }
    // What the client may still be sending is not waited for: the answer does not depend on it.
    if (!stream.readableEnded && !stream.endAfterHeaders)
      stream.once("finish", () => stream.close(constants.NGHTTP2_NO_ERROR))
  },
  begin: (reply) => stream.respond(fields(reply)),
  write: (chunk) => writeTo(stream, chunk, stallMillis),
  end: () => {
    if (!stream.destroyed) stream.end()
  },
  abort: () => {
    if (!stream.destroyed) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  },
  onceClosed: (act) => stream.once("close", act),
})

/** Those of an answer that is given again and again are made once; node copies them. */
const fields = (reply: Reply): Record<string, string | number> => {
  const made = known.get(reply)
  if (made !== undefined) return made
  const headers = { ...reply.headers, ":status": reply.status }
  known.set(reply, headers)
  return headers
}

const known = new WeakMap<Reply, Record<string, string | number>>()
