// annalist dap [URL]: the Debug Adapter Protocol on standard input and output, carried to a live agent.

import { Effect, Stream } from "effect"
import type { WebSocket } from "ws"
import { Frames, framed, type Message } from "../../wire/dap/Frames.ts"
import { type Agent, agentOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { type Failure, failed } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import type { Terminal } from "../Terminal.ts"

export const run = (invocation: Invocation): Promise<number> => {
  const program = Effect.gen(function* () {
    const agent = yield* agentOf(invocation.operands[0], invocation)
    const socket = yield* connected(agent)
    const ends = yield* Effect.raceFirst(Effect.as(heard(socket), "editor"), told(socket, agent, invocation.terminal))
    // What was said last is on its way before the connection closes.
    if (ends === "editor") yield* closed(socket)
    return exitCodes.fine
  })
  return runToEnd(program, invocation.terminal, { ...quietly, onSignal: exitCodes.fine }).finally(() =>
    process.stdin.destroy(),
  )
}

const connected = (agent: Agent): Effect.Effect<WebSocket, Failure> =>
  Effect.gen(function* () {
    const { WebSocket } = yield* Effect.promise(() => import("ws"))
    return yield* Effect.async<WebSocket, Failure>((resume) => {
      const socket = new WebSocket(`${agent.url.replace(/^http/, "ws")}/v1/dap`, { headers: agent.headers })
      const refuse = (reason: string) => resume(Effect.fail(failed(`${agent.url}: ${reason}`)))
      socket.once("open", () => resume(Effect.succeed(socket)))
      socket.once("unexpected-response", (_, response) => refuse(`no debug session (${response.statusCode})`))
      socket.on("error", ({ message }) => refuse(message))
    })
  })

/** From the editor to the agent, until the editor ends. */
const heard = (socket: WebSocket): Effect.Effect<void, Failure> => {
  const frames = new Frames()
  return Stream.fromAsyncIterable(process.stdin as AsyncIterable<Buffer>, String).pipe(
    Stream.mapConcatEffect((piece) => Effect.try({ try: () => frames.take(piece), catch: String })),
    Stream.runForEach((message) => Effect.sync(() => socket.send(JSON.stringify(message)))),
    Effect.mapError((reason) => failed(`what came on standard input is not the Debug Adapter Protocol: ${reason}`)),
  )
}

/** From the agent to the editor, until the agent ends it. */
const told = (socket: WebSocket, { url }: Agent, terminal: Terminal): Effect.Effect<"agent", Failure> =>
  Effect.async((resume) => {
    let last = Promise.resolve()
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as Message
      // Heartbeats are the connection's own.
      if (message["type"] !== "ping") last = last.then(() => terminal.out(framed(message)))
    })
    socket.once("close", (code, reason) => {
      const isOver = code === normal
      void last.then(() =>
        resume(
          isOver ? Effect.succeed("agent") : Effect.fail(failed(`${url} ended the session: ${reason.toString()}`)),
        ),
      )
    })
  })

const normal = 1000

const closed = (socket: WebSocket): Effect.Effect<void> =>
  Effect.async((resume) => {
    socket.once("close", () => resume(Effect.void))
    socket.close(normal)
  })
