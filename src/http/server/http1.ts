// HTTP/1.1: from node's request and response to the door and back.

import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { IncomingRequest, Reply } from "../IncomingRequest.ts"
import type { Peer } from "../Peer.ts"
import * as nodeBody from "./nodeBody.ts"
import type { Outlet } from "./Serving.ts"
import { writeTo } from "./writing.ts"

export const incoming = (message: IncomingMessage, peer: Peer, bounds: nodeBody.BodyBounds): IncomingRequest => {
  // Only set-cookie is ever an array here, and nothing asks for it.
  const headers = message.headers as Readonly<Record<string, string | undefined>>
  const length = headers["content-length"]
  const present = headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")
  const target = message.url ?? "/"
  const absolute = target.startsWith("/") ? null : /^https?:\/\/([^/?#]*)(.*)$/i.exec(target)
  return {
    method: message.method ?? "GET",
    target: absolute === null ? target : rooted(absolute[2] ?? ""),
    authority: absolute === null ? headers["host"] : absolute[1],
    headers,
    peer,
    body: present ? nodeBody.make(message, length, bounds) : nodeBody.absent,
  }
}

/** A proxy's form of the target, `GET http://localhost:8080/status`, names host and path at once. */
const rooted = (rest: string): string => (rest.startsWith("/") ? rest : `/${rest}`)

/** What is left of a refused body is read away up to here, so that the sender gets to read the answer. */
const maxDiscardedBytes = 4_194_304
const maxDiscardMillis = 2000

export const outlet = (message: IncomingMessage, response: ServerResponse, stallMillis: number): Outlet => {
  const head = (reply: Reply, last: boolean) => {
    if (last) response.setHeader("connection", "close")
    response.writeHead(reply.status, reply.headers)
  }
  const send = (reply: Reply, last: boolean) => {
    head(reply, last)
    response.end(reply.bytes ?? undefined)
  }
  return {
    open: () => !response.destroyed && !response.writableEnded,
    send: (reply, last) => {
      if (message.complete) send(reply, last)
      // Who was too slow is not waited for any longer.
      else if (reply.status === 408) send(reply, true)
      else discard(message, (whole) => send(reply, last || !whole))
    },
    begin: (reply, last) => {
      // A follower may be silent for as long as nothing happens.
      message.socket.setTimeout(0)
      head(reply, last)
      response.flushHeaders()
    },
    write: (chunk) => writeTo(response, chunk, stallMillis),
    end: (last) => {
      if (response.destroyed) return
      // The head, long gone, promised to keep the connection; nothing more will be asked on it.
      if (last) response.once("finish", () => message.socket.destroySoon())
      response.end()
    },
    abort: () => {
      message.socket.destroy()
    },
    onceClosed: (act) => response.once("close", act),
  }
}

const discard = (message: IncomingMessage, then: (whole: boolean) => void): void => {
  let size = 0
  const settle = (whole: boolean) => {
    clearTimeout(timer)
    message.off("data", onData).off("end", onEnd).off("close", onClose)
    then(whole)
  }
  const onData = (chunk: Buffer) => {
    size += chunk.length
    if (size > maxDiscardedBytes) settle(false)
  }
  const onEnd = () => settle(true)
  const onClose = () => settle(message.complete)
  const timer = setTimeout(() => settle(false), maxDiscardMillis)
  if (message.destroyed) return settle(false)
  message.on("data", onData).on("end", onEnd).on("close", onClose)
  message.resume()
}

export const refuseFields = (response: ServerResponse, most: number): void => {
  response.writeHead(431, { "content-type": "application/json", connection: "close" })
  response.end(JSON.stringify({ error: `the request has more than ${most} header fields, the limit` }))
}

/** What node's parser turned down before there was a request. */
export const refuseUnparsed = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, detail] = parserFaults[error.code ?? ""] ?? [
    "400 Bad Request",
    "this is not an HTTP request that the agent understands; it speaks HTTP/1.1 and HTTP/2",
  ]
  const body = JSON.stringify({ error: detail })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
    () => socket.destroySoon(),
  )
}

const parserFaults: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "the request's headers are larger than 16 KiB, the limit",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request's head did not arrive in time"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", "the body's chunk extensions are too large"],
}

/** The request as it was, without what asked for another protocol, to be read once more. */
export const withoutUpgrade = (message: IncomingMessage, rest: Buffer): Buffer => {
  let head = `${message.method} ${message.url} HTTP/${message.httpVersion}\r\n`
  const { rawHeaders } = message
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ""
    const dropped = name.toLowerCase()
    if (dropped === "upgrade" || dropped === "http2-settings") continue
    const value = rawHeaders[index + 1] ?? ""
    head += dropped === "connection" ? connection(value) : `${name}: ${value}\r\n`
  }
  return Buffer.concat([Buffer.from(`${head}\r\n`, "latin1"), rest])
}

/** Of the connection's own wishes only `close` and `keep-alive` still mean something. */
const connection = (value: string): string => {
  const kept = value.split(",").filter((token) => /^\s*(?:close|keep-alive)\s*$/i.test(token))
  return kept.length === 0 ? "" : `Connection: ${kept.join(",")}\r\n`
}

export const isWebSocket = (message: IncomingMessage): boolean =>
  message.method === "GET" && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(message.headers.upgrade ?? "")
