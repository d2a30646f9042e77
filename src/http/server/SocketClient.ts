// One client of a WebSocket: what it is told waits in a bounded queue, and who takes nothing for too long is let go with a reason.

import { Effect } from "effect"
import type { WebSocket } from "ws"
import type { Words } from "../Route.ts"

export interface SocketBounds {
  /** Messages that wait for one client; beyond them whoever tells it waits. */
  readonly queued: number
  /** Without the client taking anything of what waits. */
  readonly stallMillis: number
}

interface Message {
  readonly text: string
  /** Of the log's event that it tells of. */
  readonly position: number | null
}

interface Teller {
  readonly message: Message
  readonly go: () => void
}

/** Codes of RFC 6455. */
export const goingAway = 1001
const tryAgainLater = 1013

/** Silent heartbeats after which a client counts as gone. */
const mostSilent = 3
/** Handed to the connection and not yet taken by the kernel. */
const mostSent = 16

export class SocketClient {
  readonly #socket: WebSocket
  readonly #bounds: SocketBounds
  readonly #queue: Array<Message> = []
  readonly #tellers: Array<Teller> = []
  #sent = 0
  #movedAt = performance.now()
  #silent = 0
  about: ReadonlySet<string> = new Set()

  constructor(socket: WebSocket, bounds: SocketBounds) {
    this.#socket = socket
    this.#bounds = bounds
    socket.on("pong", () => (this.#silent = 0))
  }

  /** Told and not yet taken. */
  get queued(): number {
    return this.#queue.length + this.#sent
  }

  tell(words: Words): Effect.Effect<void> {
    return Effect.suspend(() => {
      const message = messageOf(words)
      if (this.queued < this.#bounds.queued) return Effect.sync(() => this.#put(message))
      return Effect.async<void>((resume) => {
        const teller = { message, go: () => resume(Effect.void) }
        this.#tellers.push(teller)
        return Effect.sync(() => void this.#tellers.splice(this.#tellers.indexOf(teller), 1))
      })
    })
  }

  /** For what may be left out when the client is behind. */
  tellIfRoom(words: Words): void {
    if (this.queued < this.#bounds.queued) this.#put(messageOf(words))
  }

  /** Now and then: shows a client that the agent is there. False for one that is not there or takes nothing: it was let go. */
  beat(): boolean {
    const stalled = performance.now() - this.#movedAt > this.#bounds.stallMillis
    const isSlow = this.queued > 0 && stalled
    const isGone = this.#silent++ >= mostSilent
    if (isSlow) this.close(tryAgainLater, `too slow; ${this.#goOn()}`)
    else if (isGone) this.#socket.terminate()
    else {
      this.#socket.ping()
      this.tellIfRoom({ type: "ping" })
    }
    return !isSlow && !isGone
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  #goOn(): string {
    const first = [...this.#queue, ...this.#tellers.map(({ message }) => message)].find(
      ({ position }) => position !== null,
    )
    return first === undefined ? "ask again" : `go on with ?from=${first.position}`
  }

  #put(message: Message): void {
    if (this.queued === 0) this.#movedAt = performance.now()
    this.#queue.push(message)
    this.#send()
  }

  #send(): void {
    while (this.#sent < mostSent) {
      const message = this.#queue.shift()
      if (message === undefined) return
      this.#sent++
      this.#socket.send(message.text, () => this.#taken())
    }
  }

  #taken(): void {
    this.#sent--
    this.#movedAt = performance.now()
    while (this.queued < this.#bounds.queued) {
      const teller = this.#tellers.shift()
      if (teller === undefined) break
      this.#queue.push(teller.message)
      teller.go()
    }
    this.#send()
  }
}

const messageOf = (words: Words): Message => ({
  text: JSON.stringify(words),
  position: typeof words["position"] === "number" ? words["position"] : null,
})
