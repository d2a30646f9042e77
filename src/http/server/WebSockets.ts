// Carries WebSocket conversations: each is a fiber beside its connection, and ends with it.

import { Cause, Effect, Exit, type Fiber, FiberId, Option, Queue, Runtime, Stream } from "effect"
import type { WebSocket, WebSocketServer } from "ws"
import type { Admitted, Handshake } from "../handshake.ts"
import type { Conversation, RouteNeeds, Words } from "../Route.ts"
import type { OpenSocket } from "../RouteSettings.ts"
import type { Limits } from "./Limits.ts"
import type { Upgrade } from "./Listener.ts"
import { goingAway, SocketClient } from "./SocketClient.ts"

export interface WebSockets {
  readonly upgrade: Upgrade
  readonly open: () => ReadonlyArray<OpenSocket>
  readonly close: () => void
}

const maxWordsBytes = 1_048_576
/** What a client said and nobody has heard yet; beyond it its connection is not read. */
const mostUnheard = 64
const normal = 1000
const internalError = 1011

export const make = (handshake: Handshake, runtime: Runtime.Runtime<RouteNeeds>, limits: Limits): WebSockets => {
  const runFork = Runtime.runFork(runtime)
  const clients = new Map<SocketClient, Fiber.RuntimeFiber<void>>()
  let server: Promise<WebSocketServer> | null = null
  let isClosing = false

  const beat = setInterval(() => {
    for (const [client, fiber] of clients) if (!client.beat()) fiber.unsafeInterruptAsFork(FiberId.none)
  }, limits.heartbeatMillis)
  beat.unref()

  const begin = (socket: WebSocket, { route, request }: Admitted) => {
    const client = new SocketClient(socket, { queued: limits.socketQueue, stallMillis: limits.socketStallMillis })
    // An error is followed by the close.
    socket.on("error", () => {})
    if (isClosing) return client.close(goingAway, "the agent ends")
    if (clients.size >= limits.sockets) return client.close(goingAway, `more than ${limits.sockets} sockets are open`)
    const fiber = runFork(
      Effect.flatMap(hearing(socket, client), (said) =>
        route.converse(request, {
          said,
          tell: (words) => client.tell(words),
          about: (jobs) => (client.about = jobs),
        }),
      ),
    )
    clients.set(client, fiber)
    socket.on("close", () => fiber.unsafeInterruptAsFork(FiberId.none))
    fiber.addObserver((exit) => {
      clients.delete(client)
      if (Exit.isSuccess(exit)) return client.close(normal, "it is over")
      if (Cause.isInterruptedOnly(exit.cause)) return
      runFork(Effect.logError(`the conversation at ${route.path} broke`, exit.cause))
      client.close(internalError, "the agent made a mistake; its log on stderr has the details")
    })
  }

  return {
    upgrade: (request, socket, head, message, asPlain) => {
      const asked = isClosing ? null : handshake(request)
      if (asked === null) return asPlain()
      runFork(asked).addObserver((exit) => {
        if (Exit.isFailure(exit) || exit.value === null) return asPlain()
        const admitted = exit.value
        server ??= load()
        void server.then((one) => one.handleUpgrade(message, socket, head, (opened) => begin(opened, admitted)))
      })
    },
    open: () => Array.from(clients.keys(), ({ about, queued }) => ({ about, queued, most: limits.socketQueue })),
    close: () => {
      isClosing = true
      clearInterval(beat)
      for (const [client, fiber] of clients) {
        client.close(goingAway, "the agent ends")
        fiber.unsafeInterruptAsFork(FiberId.none)
      }
    },
  }
}

/** What the client says from now on. It is not read while nobody listens. */
const hearing = (socket: WebSocket, client: SocketClient): Effect.Effect<Conversation["said"]> =>
  Effect.map(Queue.bounded<Words>(2 * mostUnheard), (heard) => {
    const unheard = () => Option.getOrElse(heard.unsafeSize(), () => 0)
    socket.on("message", (data, isBinary) => {
      const words = isBinary ? null : wordsOf((data as Buffer).toString("utf8"))
      if (words === null) return client.tellIfRoom({ type: "error", detail: "a message is a JSON object, as text" })
      heard.unsafeOffer(words)
      if (unheard() >= mostUnheard) socket.pause()
    })
    return Stream.fromQueue(heard, { maxChunkSize: 1 }).pipe(
      Stream.tap(() => Effect.sync(() => socket.isPaused && unheard() < mostUnheard / 2 && socket.resume())),
    )
  })

/** With the first handshake only: an agent that nobody watches does without it. */
const load = async (): Promise<WebSocketServer> => {
  const { WebSocketServer } = await import("ws")
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxWordsBytes,
    // A window for each connection, and compression of what is read locally, cost more than they save.
    perMessageDeflate: false,
  })
}

const wordsOf = (text: string): Words | null => {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Words) : null
  } catch {
    return null
  }
}
