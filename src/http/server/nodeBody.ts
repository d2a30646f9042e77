// A body as it comes off a socket: in one piece within a size and a time, or piece by piece.

import type { Readable } from "node:stream"
import { Effect, Option, Stream } from "effect"
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

export const make = (source: Readable, declaredLength: string | undefined, bounds: BodyBounds): IncomingBody => {
  const take = (limit: number, done: Done) => {
    if (declaredLength !== undefined && Number(declaredLength) > limit) done(tooLarge(limit))
    else whole(source, limit, bounds, done)
  }
  return {
    present: true,
    bytes: (limit) => Effect.async((resume) => take(limit, (outcome) => resume(effectOf(outcome)))),
    whole: take,
    // The request outlives its body: what follows is the answer on the same connection.
    stream: () => pieces(source, bounds.stallMillis),
  }
}

/** A body that was read before it was known who takes it. */
export const read = (outcome: Uint8Array | Problem): IncomingBody => ({
  present: true,
  bytes: (limit) => effectOf(outcome instanceof Problem || outcome.length <= limit ? outcome : tooLarge(limit)),
  stream: () => Stream.fromEffect(effectOf(outcome)),
})

type Done = (outcome: Uint8Array | Problem) => void

const effectOf = (outcome: Uint8Array | Problem): Effect.Effect<Uint8Array, Problem> =>
  outcome instanceof Problem ? Effect.fail(outcome) : Effect.succeed(outcome)

/** Pulled, so that a sender is never ahead of the log by more than a socket's buffer. */
const pieces = (source: Readable, stallMillis: number): Stream.Stream<Uint8Array, Problem> =>
  Stream.suspend(() => {
    let wake = () => {}
    const onChange = () => wake()
    source.on("readable", onChange).on("end", onChange).on("close", onChange)
    const leave = Effect.sync(() => source.off("readable", onChange).off("end", onChange).off("close", onChange))
    const pull = Effect.async<Uint8Array, Option.Option<Problem>>((resume) => {
      const settle = (outcome: Effect.Effect<Uint8Array, Option.Option<Problem>>) => {
        clearTimeout(timer)
        wake = () => {}
        resume(outcome)
      }
      wake = () => {
        const chunk = source.read() as Buffer | null
        if (chunk !== null) settle(Effect.succeed(chunk))
        else if (source.readableEnded) settle(Effect.fail(Option.none()))
        else if (source.destroyed) settle(Effect.fail(Option.some(broken)))
      }
      const timer = setTimeout(() => settle(Effect.fail(Option.some(stalled(stallMillis)))), stallMillis)
      wake()
      return Effect.sync(() => clearTimeout(timer))
    })
    return Stream.ensuring(Stream.repeatEffectOption(pull), leave)
  })

/** No listener is taken away once it is settled: the source is at its end, and taking away costs more than leaving. */
const whole = (source: Readable, limit: number, bounds: BodyBounds, done: Done): void => {
  if (source.destroyed) return done(broken)
  let first: Buffer | null = null
  let more: Array<Buffer> | null = null
  let size = 0
  let settled = false
  const settle = (outcome: Uint8Array | Problem) => {
    if (settled) return
    settled = true
    bounds.deadlines.letGo(deadline)
    done(outcome)
  }
  const deadline = bounds.deadlines.watch(() => settle(tooSlow(bounds.bodyMillis)))
  source.on("data", (chunk: Buffer) => {
    if (settled) return
    size += chunk.length
    if (size > limit) settle(tooLarge(limit))
    else if (first === null) first = chunk
    else (more ??= [first]).push(chunk)
  })
  source.on("end", () => settle(more === null ? (first ?? empty) : Buffer.concat(more, size)))
  source.on("close", () => settle(broken))
}

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
