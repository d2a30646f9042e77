// The one bridge from a socket to the program: each request becomes a fiber, and its reply goes out as the connection takes it.

import { Cause, Effect, Exit, type Fiber, FiberId, Runtime, Stream } from "effect"
import type { Dispatch } from "../dispatch.ts"
import type { IncomingRequest, Reply } from "../IncomingRequest.ts"
import { answerOf, shapeOfPath, unavailable } from "../problems.ts"
import { replyOf } from "../replies.ts"
import type { RouteNeeds } from "../Route.ts"
import type { TakeShortWay } from "../shortWay.ts"
import * as nodeBody from "./nodeBody.ts"

/** Where a reply goes: one request's half of a connection. */
export interface Outlet {
  /** False once the client has gone. */
  readonly open: () => boolean
  readonly send: (reply: Reply, last: boolean) => void
  readonly begin: (reply: Reply, last: boolean) => void
  /** Waits until the connection takes more; fails when the client is gone or takes nothing for too long. */
  readonly write: (chunk: Uint8Array) => Effect.Effect<void, OutletClosed>
  readonly end: (last: boolean) => void
  /** Cuts the answer off so that it is seen to be incomplete. */
  readonly abort: () => void
  readonly onceClosed: (act: () => void) => void
}

export type OutletClosed = "gone" | "stalled"

export interface Serving {
  readonly handle: (request: IncomingRequest, outlet: Outlet) => void
  /** Requests begun and not yet answered to the end. */
  readonly inFlight: () => number
  readonly closing: () => boolean
  /** From now on answers close their connections, and streams come to their end. */
  readonly close: () => void
  /** Ends what is still running. */
  readonly interrupt: () => void
}

type Fibers = Set<Fiber.RuntimeFiber<unknown, unknown>>

export interface Ways {
  readonly short: TakeShortWay
  readonly long: Dispatch
}

export const make = (ways: Ways, runtime: Runtime.Runtime<RouteNeeds>, maxInFlight: number): Serving => {
  const runFork = Runtime.runFork(runtime)
  const handlers: Fibers = new Set()
  const streams: Fibers = new Set()
  /** Requests on the short way, which have no fiber. */
  let short = 0
  let closing = false

  const pump = (reply: Reply, stream: NonNullable<Reply["stream"]>, outlet: Outlet) => {
    outlet.begin(reply, closing)
    const fiber = runFork(Stream.runForEach(stream, outlet.write))
    const gone = () => fiber.unsafeInterruptAsFork(FiberId.none)
    if (closing) gone()
    streams.add(fiber)
    outlet.onceClosed(gone)
    fiber.addObserver((exit) => {
      streams.delete(fiber)
      // A stream that a closing agent interrupts is ended like any other: what was sent is whole.
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) outlet.end(closing)
      else {
        outlet.abort()
        if (!isDeparture(exit.cause)) runFork(Effect.logWarning("a streamed answer broke off", exit.cause))
      }
    })
  }

  const settle = (exit: Exit.Exit<Reply>, outlet: Outlet) => {
    if (Exit.isFailure(exit)) return outlet.abort()
    if (!outlet.open()) return
    const reply = exit.value
    if (reply.stream === null) outlet.send(reply, closing)
    else pump(reply, reply.stream, outlet)
  }

  const takeLongWay = (request: IncomingRequest, outlet: Outlet) => {
    const fiber = runFork(ways.long(request))
    handlers.add(fiber)
    fiber.addObserver((exit) => {
      handlers.delete(fiber)
      settle(exit, outlet)
    })
  }

  const takeShortWay = (request: IncomingRequest, outlet: Outlet): boolean =>
    ways.short(request, {
      reply: (reply) => {
        short--
        if (outlet.open()) outlet.send(reply, closing)
      },
      doubted: (body) => {
        short--
        takeLongWay({ ...request, body: nodeBody.read(body) }, outlet)
      },
      broken: () => {
        short--
        outlet.abort()
      },
    })

  return {
    handle: (request, outlet) => {
      if (closing || handlers.size + short >= maxInFlight) return outlet.send(overloaded(request, closing), closing)
      // Counted beforehand: it may be through before it returns.
      short++
      if (takeShortWay(request, outlet)) return
      short--
      takeLongWay(request, outlet)
    },
    inFlight: () => handlers.size + short + streams.size,
    closing: () => closing,
    close: () => {
      closing = true
      for (const fiber of streams) fiber.unsafeInterruptAsFork(FiberId.none)
    },
    interrupt: () => {
      for (const fiber of [...handlers, ...streams]) fiber.unsafeInterruptAsFork(FiberId.none)
    },
  }
}

const isDeparture = (cause: Cause.Cause<unknown>): boolean =>
  Cause.failures(cause).pipe((failures) => Array.from(failures).every((one) => one === "gone" || one === "stalled")) &&
  Cause.defects(cause).pipe((defects) => Array.from(defects).length === 0)

const overloaded = (request: IncomingRequest, closing: boolean): Reply => {
  const detail = closing
    ? "the agent is shutting down"
    : "the agent has more requests under way than it takes; ask again in a second"
  return replyOf(request, answerOf(unavailable(detail), shapeOfPath(request.target)), null)
}
