// A log reader over an array of envelopes, with a hand to add more: what views are tested on.

import { Effect, Layer, Queue, Stream } from "effect"
import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { LogReader } from "../../src/projections/LogReader.ts"

export const recorded = (initial: ReadonlyArray<Envelope>) => {
  const events = [...initial]
  const followers = new Set<Queue.Queue<ReadonlyArray<Envelope>>>()
  const reads: Array<number> = []
  const layer = Layer.succeed(LogReader, {
    source: Effect.sync(() => ({
      node: "node-1",
      bootId: "boot",
      logId: "log",
      first: Position(1),
      head: Position(events.length),
      rawFrom: Position(1),
      kind: "live" as const,
      bytes: 0,
    })),
    read: ({ from, to }) =>
      Stream.suspend(() => {
        reads.push(from)
        return Stream.make(events.slice(from - 1, to))
      }),
    follow: (from) =>
      Stream.unwrapScoped(
        Effect.gen(function* () {
          const queue = yield* Queue.bounded<ReadonlyArray<Envelope>>(16)
          followers.add(queue)
          return Stream.concat(Stream.make(events.slice(from - 1)), Stream.fromQueue(queue))
        }),
      ),
    rollups: null,
    positionAt: (micros) => Effect.sync(() => Position(events.filter((envelope) => envelope.at <= micros).length)),
  })
  const add = (more: ReadonlyArray<Envelope>) =>
    Effect.suspend(() => {
      events.push(...more)
      return Effect.forEach(followers, (queue) => Queue.offer(queue, more), { discard: true })
    })
  return { layer, add, reads }
}
