// An editor's side of the Debug Adapter Protocol, written from the protocol and not from our own code.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import type { Duplex, Readable, Writable } from "node:stream"
import { annalist, until } from "../program.ts"
import type { Fields } from "./drive.ts"

export interface Editor {
  /** The body of the answer; throws what a refusal says. */
  readonly ask: (command: string, args?: Fields) => Promise<Fields>
  /** The body of the next event of this name, taken out; others stay. */
  readonly next: (event: string) => Promise<Fields>
  /** Names of all events and answers, in the order in which they came. */
  readonly heard: () => ReadonlyArray<string>
  readonly close: () => Promise<void>
}

export const overTcp = async (address: string): Promise<Editor> => {
  const [host = "", port = ""] = address.split(":")
  const socket: Duplex = connect(Number(port), host)
  await once(socket, "connect")
  const close = async () => {
    socket.end()
    if (!socket.destroyed) await once(socket, "close")
  }
  return speaking(socket, socket, close)
}

export const overStdio = (http: string): Editor => {
  const child = spawn(process.execPath, [annalist, "dap", http], { stdio: ["pipe", "pipe", "inherit"] })
  const close = async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, "exit")
    if (child.exitCode !== 0) throw new Error(`annalist dap ended with ${child.exitCode}`)
  }
  return speaking(child.stdout, child.stdin, close)
}

const speaking = (from: Readable, to: Writable, close: () => Promise<void>): Editor => {
  const messages: Array<Fields> = []
  const taken = new Set<Fields>()
  let rest = Buffer.alloc(0)
  let seq = 0
  from.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString("latin1"))
      const length = Number(head?.[1])
      if (head === null || rest.length < head[0].length + length) return
      messages.push(JSON.parse(rest.toString("utf8", head[0].length, head[0].length + length)) as Fields)
      rest = rest.subarray(head[0].length + length)
    }
  })
  const waited = (what: string, isMeant: (message: Fields) => boolean) =>
    until(() => Promise.resolve(messages.find((one) => isMeant(one) && !taken.has(one)) ?? null), what, 30_000)
  return {
    ask: async (command, args = {}) => {
      const own = ++seq
      const body = JSON.stringify({ seq: own, type: "request", command, arguments: args })
      to.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      const answer = await waited(`the answer to ${command}`, (one) => one["request_seq"] === own)
      if (answer["success"] !== true) throw new Error(String(answer["message"]))
      return answer["body"] as Fields
    },
    next: async (event) => {
      const found = await waited(`the event ${event}`, (one) => one["type"] === "event" && one["event"] === event)
      taken.add(found)
      return (found["body"] ?? {}) as Fields
    },
    heard: () => messages.map((one) => String(one[one["type"] === "event" ? "event" : "command"])),
    close,
  }
}
