// A small server with the built page and recorded answers, for states that a real session does not get into at will.

import { readFile } from "node:fs/promises"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { root } from "../program.ts"

export interface Reply {
  readonly status?: number
  /** An object is sent as JSON, text as it is. */
  readonly body: unknown
}

/** What the stub says to a path at a moment; undefined is 404. */
export type Answering = (path: string, at: string | null, query: URLSearchParams) => Reply | undefined

export interface Stub {
  readonly url: string
  readonly asked: Array<string>
  answering: Answering
  /** From now on connections are cut, as when the agent is gone; or they are not. */
  away: boolean
  readonly close: () => Promise<void>
}

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
}

/** As strict as the agent's own. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const sendFile = async (response: ServerResponse, [file, type]: readonly [string, string]) => {
  const content = await readFile(join(root, "dist", "web", file))
  response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(content)
}

const sendReply = (response: ServerResponse, reply: Reply | undefined) => {
  const { status = 200, body } = reply ?? { status: 404, body: { error: "Not found" } }
  response.writeHead(status, { "content-type": "application/json" })
  response.end(typeof body === "string" ? body : JSON.stringify(body))
}

export const stub = async (answering: Answering): Promise<Stub> => {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://stub")
    if (one.away) return void request.socket.destroy()
    const file = files[url.pathname]
    if (file !== undefined) return void sendFile(response, file).catch(() => response.destroy())
    one.asked.push(`${url.pathname}${url.search}`)
    return sendReply(response, one.answering(url.pathname, url.searchParams.get("at"), url.searchParams))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const one: Stub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: [],
    answering,
    away: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return one
}
