// One agent a directory: an abstract socket that the kernel frees with its process, which also tells who holds it.

import { readFileSync, writeFileSync } from "node:fs"
import { createServer, connect, type Server } from "node:net"
import { createHash } from "node:crypto"
import { hostname } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { LogUnopenable } from "../EventLog.ts"

/** What the holder wrote about itself when it opened the directory. */
export const holderOf = (directory: string): string => {
  try {
    return readFileSync(join(directory, "holder"), "utf8").slice(0, 200).trim()
  } catch {
    return "a process that cannot be named"
  }
}

/** Left for those whom the socket does not reach; written once the directory is surely ours. */
export const writeHolder = (directory: string): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => writeFileSync(join(directory, "holder"), `${holderText()}\n`)))

/** Effective within one network namespace; beyond it LevelDB's own file lock holds, which nobody but LevelDB may touch. */
export const acquire = (directory: string): Effect.Effect<void, LogUnopenable, Scope.Scope> =>
  process.platform === "linux" ? Effect.asVoid(Effect.acquireRelease(listen(directory), close)) : Effect.void

/** What a holder says of itself. */
export const holderText = (): string => `process ${process.pid} on ${hostname()}`

const listen = (directory: string): Effect.Effect<Server, LogUnopenable> =>
  Effect.async<Server, LogUnopenable>((resume) => {
    const name = nameOf(directory)
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy())
      socket.end(holderText())
    })
    server.unref()
    server.once("error", () => {
      askHolder(name, (holder) => resume(Effect.fail(heldBy(directory, holder))))
    })
    server.listen(name, () => resume(Effect.succeed(server)))
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
  })

const ANSWER_MILLIS = 500

const askHolder = (name: string, done: (holder: string) => void): void => {
  let answer = ""
  const socket = connect(name)
  socket.setEncoding("utf8")
  socket.setTimeout(ANSWER_MILLIS, () => socket.destroy())
  socket.on("data", (text: string) => {
    answer = (answer + text).slice(0, 200)
  })
  socket.on("error", () => socket.destroy())
  socket.on("close", () => done(answer === "" ? "a process that does not answer" : answer))
}

export const heldBy = (directory: string, holder: string): LogUnopenable =>
  new LogUnopenable({
    reason: `${directory} is held by ${holder}`,
    advice: "stop it first, or name another data directory (--data)",
  })

const nameOf = (directory: string): string =>
  `\0annalist-${createHash("sha256").update(directory).digest("hex").slice(0, 32)}`
