// A body as it comes off a socket: in one piece within a size and a time, or piece by piece.

import type { Readable } from "node:stream"
import { Effect, Stream } from "effect"
import type { IncomingBody } from "../IncomingRequest.ts"
import { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Deadlines } from "./Deadlines.ts"

export interface BodyBounds {
  readonly deadlines: Deadlines
  readonly bodyMillis: number
  readonly stallMillis: number
}

const empty = new Uint8Array(0)

export const absent: IncomingBody = {
  present: false,
  bytes: () => Effect.succeed(empty),
  stream: () => Stream.empty,
}

export const make = (source: Readable, declaredLength: string | undefined, bounds: BodyBounds): IncomingBody => ({
  present: true,
  bytes: (limit) =>
    declaredLength !== undefined && Number(declaredLength) > limit
      ? Effect.fail(tooLarge(limit))
      : whole(source, limit, bounds),
  stream: () =>
    // The request outlives its body: what follows is the answer on the same connection.
    Stream.fromAsyncIterable(
      source.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
      () => broken,
    ).pipe(Stream.timeoutFail(() => stalled(bounds.stallMillis), bounds.stallMillis)),
})

/** No listener is taken away once it is settled: the source is at its end, and taking away costs more than leaving. */
const whole = (source: Readable, limit: number, bounds: BodyBounds): Effect.Effect<Uint8Array, Problem> =>
  Effect.async((resume) => {
    let first: Buffer | null = null
    let more: Array<Buffer> | null = null
    let size = 0
    let settled = false
    const settle = (outcome: Effect.Effect<Uint8Array, Problem>) => {
      if (settled) return
      settled = true
      bounds.deadlines.letGo(deadline)
      resume(outcome)
    }
    const deadline = bounds.deadlines.watch(() => settle(tooSlow(bounds.bodyMillis)))
    if (source.destroyed) return settle(broken)
    source.on("data", (chunk: Buffer) => {
      if (settled) return
      size += chunk.length
      if (size > limit) settle(tooLarge(limit))
      else if (first === null) first = chunk
      else (more ??= [first]).push(chunk)
    })
    source.on("end", () => settle(Effect.succeed(more === null ? (first ?? empty) : Buffer.concat(more, size))))
    source.on("close", () => settle(broken))
  })

const broken = badRequest("the connection broke before the body was complete", "body-incomplete")

const tooLarge = (limit: number): Problem =>
  new Problem({
    status: 413,
    kind: "body-too-large",
    detail: `the body is larger than ${limit} bytes, which is the limit; /log_ccl takes any amount as application/x-ndjson`,
  })

const tooSlow = (millis: number): Problem =>
  new Problem({
    status: 408,
    kind: "body-too-slow",
    detail: `the body did not arrive within ${Math.round(millis / 100) / 10} s of its head`,
  })

const stalled = (millis: number): Problem =>
  new Problem({
    status: 408,
    kind: "body-stalled",
    detail: `no byte of the body arrived for ${Math.round(millis / 100) / 10} s`,
  })
