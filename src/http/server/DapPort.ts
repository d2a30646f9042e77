// The Debug Adapter Protocol on a port of its own: a session a connection, behind the same door as every question.

import { createServer, type Socket } from "node:net"
import { Effect, Fiber, FiberId, Queue, Runtime, type Scope, Stream } from "effect"
import { Frames, framed, type Message, type NotFramed } from "../../wire/dap/Frames.ts"
import type { Door } from "../door/Door.ts"
import type { IncomingRequest } from "../IncomingRequest.ts"
import { Problem } from "../Problem.ts"
import { allows } from "../Role.ts"
import type { RouteCaller, RouteNeeds } from "../Route.ts"
import { converse } from "../routes/dap/converse.ts"
import { ListenError } from "./ListenError.ts"
import { peerOf } from "./socketPeer.ts"

export interface DapPortSettings {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  readonly door: Door
  readonly mayEvaluate: boolean
}

const maxConnections = 64
/** Said and not yet heard; beyond it the connection is not read. */
const mostUnheard = 64
/** An editor that takes nothing for so long is let go. */
const stallMillis = 10_000

/** Returns the port once it answers. */
export const open = (settings: DapPortSettings): Effect.Effect<number, ListenError, RouteNeeds | Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<RouteNeeds>()
    const fibers = new Map<Socket, Fiber.RuntimeFiber<void>>()
    const server = createServer((socket) => {
      const fiber = Runtime.runFork(runtime)(serve(socket, settings))
      fibers.set(socket, fiber)
      fiber.addObserver(() => {
        fibers.delete(socket)
        socket.end()
      })
      // An error is followed by the close.
      socket.on("error", () => {})
      socket.on("close", () => fiber.unsafeInterruptAsFork(FiberId.none))
    })
    server.maxConnections = maxConnections
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        server.close()
        yield* Fiber.interruptAll(fibers.values())
        for (const socket of fibers.keys()) socket.destroy()
      }),
    )
    return yield* bound(server, settings)
  })

const bound = (server: ReturnType<typeof createServer>, { host, port }: DapPortSettings) =>
  Effect.async<number, ListenError>((resume) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) =>
      resume(Effect.fail(new ListenError({ host, port, code: code ?? "unknown" }))),
    )
    server.listen(port, host, () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

const serve = (socket: Socket, { door, mayEvaluate }: DapPortSettings): Effect.Effect<void, never, RouteNeeds> =>
  Effect.gen(function* () {
    const heard = yield* Queue.bounded<Message>(mostUnheard)
    const frames = new Frames()
    const words = Stream.fromAsyncIterable(socket as AsyncIterable<Buffer>, () => "the connection broke" as const).pipe(
      Stream.mapConcatEffect((piece) =>
        Effect.try({ try: () => frames.take(piece), catch: (error) => (error as NotFramed).message }),
      ),
      Stream.runForEach((message) => Queue.offer(heard, message)),
    )
    const talk = converse(
      { admit: (token) => admitted(door, socket, token), mayEvaluate },
      { said: Stream.fromQueue(heard), tell: (message) => written(socket, framed(message)), about: () => undefined },
    )
    yield* Effect.raceFirst(talk, Effect.ignore(words))
  })

/** Waits while the editor takes nothing. */
const written = (socket: Socket, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (socket.destroyed || socket.write(bytes)) return resume(Effect.void)
    const go = () => resume(Effect.void)
    socket.once("drain", go)
    return Effect.sync(() => void socket.off("drain", go))
  }).pipe(
    Effect.timeoutTo({
      duration: stallMillis,
      onSuccess: () => undefined,
      onTimeout: () => void socket.destroy(),
    }),
  )

/** By the connection's owner, or by the token of the editor's configuration. */
const admitted = (door: Door, socket: Socket, token: string | null): Effect.Effect<RouteCaller, Problem> => {
  const request: IncomingRequest = {
    method: "GET",
    target: "dap:attach",
    authority: undefined,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    peer: peerOf(socket),
    body: { present: false, bytes: () => Effect.succeed(new Uint8Array()), stream: () => Stream.empty },
  }
  const refuse = (problem: Problem, actor: string) => {
    door.refused(request, actor, problem)
    return problem
  }
  return Effect.gen(function* () {
    const answer = door.callerOf(request)
    const stranger = `peer:${request.peer.remote.address}`
    const caller = Effect.isEffect(answer)
      ? yield* Effect.mapError(answer, (problem) => refuse(problem, stranger))
      : answer
    if (allows(caller.role, "operator")) return caller
    const detail = `debugging needs the role operator, and ${caller.actor} comes in as ${caller.role}; the editor's configuration may hold a "token"`
    return yield* refuse(new Problem({ status: 403, kind: "role-refused", detail }), caller.actor)
  })
}
