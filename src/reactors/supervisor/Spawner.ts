// Starts shims through one small program, kept for that: Node would copy its page tables and stand still for each of them.

import { type ChildProcess, spawn } from "node:child_process"
import type { Socket } from "node:net"
import { createInterface } from "node:readline"
import { constants } from "node:os"
import { getSystemErrorName } from "node:util"
import { Effect, type Scope } from "effect"
import type { BootError } from "./bootCheck.ts"
import * as Shim from "./Shim.ts"

/** The most that the spawner reads as one request; the kernel takes half of it. */
const requestBytes = 4 * 1024 * 1024
const headerBytes = 16
/** Whoever the spawner started right before its own end has left a record by then. */
const lastWordMillis = 1_000

/** A shim that was asked for. */
interface Asked {
  readonly news: Shim.News
  /** Null once it is answered. */
  answer: ((outcome: Effect.Effect<Shim.Started, BootError>) => void) | null
}

interface Helper {
  readonly child: ChildProcess
  readonly requests: Socket
  readonly asked: Map<number, Asked>
  /** When it ended. */
  lostAt: number | null
}

/** The stand-in for the shim is started by Node. One spawner serves until it ends; then the next boot begins another. */
export const make = (program: Shim.Program): Effect.Effect<Shim.Launch, never, Scope.Scope> =>
  program.leading.length > 0
    ? Effect.succeed((start, news) => Shim.launch(program, start, news))
    : Effect.gen(function* () {
        let helper: Helper | null = null
        let lastId = 0
        yield* Effect.addFinalizer(() => Effect.sync(() => helper?.requests.end()))
        return (start, news) =>
          Effect.async((resume) => {
            if (helper === null || helper.lostAt !== null) helper = open(program.command)
            lastId = (lastId + 1) % 0xffff_ffff
            const request = requestOf(lastId, [program.command, ...Shim.argumentsFor(start)], start.environment)
            if (request.length > requestBytes) return resume(Shim.cannotStart("E2BIG"))
            helper.asked.set(lastId, { news, answer: resume })
            helper.requests.write(request)
          })
      })

const open = (command: string): Helper => {
  const child = spawn(command, ["--spawner"], { detached: true, env: {}, stdio: ["pipe", "pipe", "ignore"] })
  const helper: Helper = { child, requests: child.stdin as Socket, asked: new Map(), lostAt: null }
  const answers = child.stdout as Socket
  createInterface({ input: answers }).on("line", (line) => take(helper, line))
  // Its end tells all that a failed write could.
  helper.requests.on("error", () => {})
  child.on("error", (error) => lose(helper, Shim.cannotStart(error)))
  child.on("close", () => lose(helper, null))
  for (const handle of [child, helper.requests, answers]) handle.unref()
  return helper
}

const take = (helper: Helper, line: string): void => {
  const [what, word, detail] = line.split(" ")
  const id = Number(word)
  const asked = helper.asked.get(id)
  if (asked === undefined) return
  if (what === "started") answered(asked, Effect.succeed(startedBy(helper, id)))
  if (what === "refused") {
    helper.asked.delete(id)
    answered(asked, Shim.cannotStart(nameOf(Number(detail))))
  }
  if (what === "ended") helper.asked.delete(id)
  if (what === "ended" || what === "news") asked.news.came()
}

/** Shims neither know nor mind. Whoever was asked for last may have been started, and will be found by its record. */
const lose = (helper: Helper, failure: BootError | null): void => {
  if (helper.lostAt !== null) return
  helper.lostAt = performance.now()
  for (const [id, asked] of helper.asked) {
    answered(asked, failure ?? Effect.succeed(startedBy(helper, id)))
    asked.news.ceased()
  }
}

const answered = (asked: Asked, outcome: Effect.Effect<Shim.Started, BootError>): void => {
  asked.answer?.(outcome)
  asked.answer = null
}

const startedBy = (helper: Helper, id: number): Shim.Started => ({
  isAlive: () => helper.asked.has(id) && (helper.lostAt === null || performance.now() - helper.lostAt < lastWordMillis),
  kill: () => void helper.requests.write(requestOf(id, [], {})),
})

/** As native/spawner.c reads it. */
const requestOf = (id: number, argv: ReadonlyArray<string>, environment: Shim.Start["environment"]): Buffer => {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const text = [...argv, ...variables].map((word) => `${word}\0`).join("")
  const request = Buffer.alloc(headerBytes + Buffer.byteLength(text))
  const numbers = [request.length - 4, id, argv.length, variables.length]
  for (const [index, number] of numbers.entries()) request.writeUInt32LE(number, index * 4)
  request.write(text, headerBytes)
  return request
}

const nameOf = (errno: number): string =>
  Object.values(constants.errno).includes(errno) ? getSystemErrorName(-errno) : `error ${errno}`
