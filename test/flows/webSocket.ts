// A WebSocket client that is not our own: Python's, driven by lines.

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { until } from "../program.ts"
import type { Fields } from "./drive.ts"

export interface WebSocketClient {
  /** The HTTP status of a refused handshake; null once it is open. */
  readonly refused: number | null
  readonly extensions: unknown
  readonly send: (words: Fields) => void
  /** A text as it stands. */
  readonly text: (text: string) => void
  readonly read: (reads: boolean) => void
  /** The next message of this type, taken out; others stay. */
  readonly next: (type: string) => Promise<Fields>
  /** Every message so far, but for heartbeats. */
  readonly heard: () => ReadonlyArray<Fields>
  readonly closed: () => Promise<{ readonly code: unknown; readonly reason: unknown }>
  readonly close: () => Promise<void>
}

const program = fileURLToPath(new URL("websocket.py", import.meta.url))

export const connect = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WebSocketClient> => {
  const child = spawn("/usr/bin/python3", [program, url.replace(/^http/, "ws"), JSON.stringify(headers)], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const lines: Array<Fields> = []
  const taken = new Set<Fields>()
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Fields))
  const line = (name: string) =>
    until(() => Promise.resolve(lines.find((one) => name in one) ?? null), `${name} of ${url}`, 30_000)
  const say = (words: Fields) => void child.stdin.write(`${JSON.stringify(words)}\n`)
  const first = await until(() => Promise.resolve(lines[0] ?? null), `a WebSocket at ${url}`, 30_000)
  const messages = () => lines.flatMap((one) => ("message" in one ? [one["message"] as Fields] : []))
  return {
    refused: "refused" in first ? Number(first["refused"]) : null,
    extensions: first["extensions"],
    send: (words) => say({ send: words }),
    text: (text) => say({ text }),
    read: (reads) => say({ read: reads }),
    next: async (type) => {
      const find = () => messages().find((one) => one["type"] === type && !taken.has(one)) ?? null
      const found = await until(() => Promise.resolve(find()), `${type} of ${url}`, 30_000)
      taken.add(found)
      return found
    },
    heard: () => messages().filter((one) => one["type"] !== "ping"),
    closed: async () => {
      const { closed, reason } = await line("closed")
      return { code: closed, reason }
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve))
      child.stdin.end()
      if (child.exitCode === null) await ended
    },
  }
}
