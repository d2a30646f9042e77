// A replay: the events of a recording happen again in an agent to whom they are the present; held, moved, stepped and hurried.

import { it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { now } from "../../src/domain/Moment.ts"
import { LogReader } from "../../src/projections/LogReader.ts"
import { processes } from "../../src/projections/processes.ts"
import { Views } from "../../src/projections/Views.ts"
import { openReplay, type Replay } from "../../src/session/replay/openReplay.ts"
import { openSession } from "../../src/session/openSession.ts"
import { everything, folder, sessionOf } from "./given.ts"

const held = { speed: 1, paused: true } as const

const replayOf = (events: ReadonlyArray<Envelope>, begin: Parameters<typeof openReplay>[1] = held) =>
  Effect.gen(function* () {
    const { file } = yield* folder
    return yield* openReplay(file("a.ndjson", yield* sessionOf(events)), begin)
  })

/** Where the present is, and what processes it knows. */
const present = ({ layer }: Replay) =>
  Effect.gen(function* () {
    const view = yield* (yield* Views).at(now)
    return { position: view.position, processes: Array.from(view.state(processes).byId.keys()) }
  }).pipe(Effect.provide(layer))

const ended = (replay: Replay) =>
  Effect.repeat(Effect.zipRight(Effect.yieldNow(), replay.playback.state), { until: ({ state }) => state === "ended" })

describe("a replay", () => {
  it.scoped("begins before the first event, and shows each as it happens", () =>
    Effect.gen(function* () {
      const replay = yield* replayOf(everything(40))
      expect(yield* present(replay)).toEqual({ position: 0, processes: [] })
      yield* replay.playback.step(2)
      expect(yield* present(replay)).toEqual({ position: 2, processes: ["worker"] })
      expect(yield* replay.playback.state).toEqual({ state: "paused", speed: 1, position: 2 })
    }),
  )

  it.scoped("goes ahead and back, and is the same as if it had come there", () =>
    Effect.gen(function* () {
      const replay = yield* replayOf(everything(1200))
      for (const position of [700, 5, 2, 1200, 1199, 1]) {
        yield* replay.playback.seek(Position(position))
        yield* Effect.yieldNow()
        const { processes: known } = yield* present(replay)
        expect(yield* present(replay)).toEqual({ position, processes: known })
        expect(known).toEqual(position >= 4 ? ["worker", "brief"] : position >= 2 ? ["worker"] : [])
      }
    }),
  )

  it.live("gives its followers every event once and in order, and again after it went back", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const replay = yield* replayOf(everything(50))
        const reader = yield* Effect.provide(LogReader, replay.layer)
        const seen: Array<number> = []
        const follower = yield* reader.follow(Position(1)).pipe(
          Stream.mapConcat((envelopes) => envelopes),
          Stream.runForEach(({ position }) => Effect.sync(() => seen.push(position))),
          Effect.fork,
        )
        const reached = (count: number) => Effect.repeat(Effect.sleep(1), { until: () => seen.length >= count })
        yield* replay.playback.seek(Position(30))
        yield* reached(30)
        yield* replay.playback.seek(Position(10))
        yield* reached(31)
        // What was hurried once is not hurried again.
        expect(yield* replay.playback.state).toEqual({ state: "paused", speed: 1, position: 10 })
        yield* replay.playback.setSpeed("max")
        yield* replay.playback.resume
        yield* reached(71)
        expect(seen).toEqual([
          ...Array.from({ length: 30 }, (_, index) => index + 1),
          ...Array.from({ length: 41 }, (_, index) => index + 10),
        ])
        expect(yield* replay.playback.state).toMatchObject({ state: "ended" })
        yield* Fiber.interrupt(follower)
      }),
    ),
  )

  it.live("ends where the opened session stands, whatever its pace", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const events = everything(3000)
        const { file } = yield* folder
        const path = file("a.ndjson", yield* sessionOf(events))
        const opened = yield* openSession(path)
        const there = yield* Effect.flatMap(Views, (views) => views.at(now)).pipe(Effect.provide(opened.layer))
        const replay = yield* openReplay(path, { speed: "max", paused: false })
        yield* ended(replay)
        const view = yield* Effect.flatMap(Views, (views) => views.reached(Position(3000))).pipe(
          Effect.provide(replay.layer),
        )
        expect(JSON.stringify(Array.from(view.state(processes).byId))).toEqual(
          JSON.stringify(Array.from(there.state(processes).byId)),
        )
      }),
    ),
  )
})
