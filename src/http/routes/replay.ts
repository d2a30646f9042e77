// /v1/replay: how far a replay is, and what holds, moves and hurries it.

import { Effect, Either, Option, Schema, Stream } from "effect"
import type { Position } from "../../domain/Brands.ts"
import * as Moment from "../../domain/Moment.ts"
import type { Replay } from "../../session/replay/openReplay.ts"
import { ReplayAnswer, SeekBody, SpeedBody, StepBody } from "../../wire/replay.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import type { RouteSettings } from "../RouteSettings.ts"

const common = { _tag: "Effect", errors: "problem", tag: "replay", response: ReplayAnswer } as const
const acting = { ...common, role: "operator" } as const

export const replayRoutes = ({ replay = null }: RouteSettings): ReadonlyArray<Route> => [
  {
    ...common,
    method: "GET",
    path: "/v1/replay",
    role: "viewer",
    summary: "How far a replay is. 404 where nothing is replayed.",
    answer: () => Effect.flatMap(replayed(replay), answer),
  },
  {
    ...acting,
    method: "POST",
    path: "/v1/replay/pause",
    summary: "Holds the replay.",
    answer: () => Effect.flatMap(replayed(replay), (one) => Effect.zipRight(one.playback.pause, answer(one))),
  },
  {
    ...acting,
    method: "POST",
    path: "/v1/replay/resume",
    summary: "Lets the replay go on.",
    answer: () => Effect.flatMap(replayed(replay), (one) => Effect.zipRight(one.playback.resume, answer(one))),
  },
  {
    ...acting,
    method: "POST",
    path: "/v1/replay/seek",
    summary: "Goes to the last event at or before a moment, ahead or back. Returns once the answers show it.",
    requestBody: SeekBody,
    answer: (request) => Effect.flatMap(replayed(replay), (one) => seek(one, request)),
  },
  {
    ...acting,
    method: "POST",
    path: "/v1/replay/step",
    summary: "Holds the replay and lets so many more events happen, one by default.",
    requestBody: StepBody,
    answer: (request) => Effect.flatMap(replayed(replay), (one) => step(one, request)),
  },
  {
    ...acting,
    method: "POST",
    path: "/v1/replay/speed",
    summary: "Sets the pace: so many times faster than it was recorded, or max.",
    requestBody: SpeedBody,
    answer: (request) => Effect.flatMap(replayed(replay), (one) => speed(one, request)),
  },
]

const replayed = (replay: Replay | null): Either.Either<Replay, Problem> =>
  replay === null
    ? Either.left(
        new Problem({
          status: 404,
          kind: "no-replay",
          detail: "nothing is replayed here; annalist replay FILE plays a recorded session",
        }),
      )
    : Either.right(replay)

const answer = (replay: Replay) =>
  Effect.gen(function* () {
    const { state, speed, position } = yield* replay.playback.state
    const mark = (at: Position) => Effect.map(timeAt(replay, at), (time) => ({ position: at, at: time }))
    const body: ReplayAnswer = {
      state,
      speed,
      now: yield* mark(position),
      first: yield* mark(replay.first),
      last: yield* mark(replay.last),
    }
    return { status: 200, body }
  })

/** Null where there is no event, as before the first. */
const timeAt = (replay: Replay, position: Position) =>
  replay.recorded.read({ from: position, to: position }).pipe(
    Stream.runHead,
    Effect.map((found) => {
      const envelope = Option.getOrNull(found)?.[0]
      return envelope === undefined ? null : Moment.isoTime(envelope.at)
    }),
    Effect.mapError(ofReading),
  )

const decodeSeek = Schema.decodeUnknownOption(SeekBody)
const decodeStep = Schema.decodeUnknownOption(StepBody)
const decodeSpeed = Schema.decodeUnknownOption(SpeedBody)

const seek = (replay: Replay, { body }: RouteRequest) =>
  Effect.gen(function* () {
    const asked = Option.getOrNull(decodeSeek(body))
    const moment = asked === null ? null : Either.getOrNull(Moment.parse(String(asked.to)))
    if (moment === null) {
      return yield* badRequest(
        'the body must be {"to": MOMENT}: a position (4711), an ISO 8601 time or a span back from the end ("-10m")',
      )
    }
    const position = yield* Effect.mapError(positionOf(replay, moment), ofReading)
    if (position < replay.first || position > replay.last) {
      return yield* badRequest(
        `to is not in this recording, which goes from position ${replay.first} to ${replay.last}`,
      )
    }
    yield* Effect.mapError(replay.playback.seek(position), ofReading)
    return yield* answer(replay)
  })

const positionOf = (replay: Replay, moment: Moment.Moment) => {
  switch (moment._tag) {
    case "Now":
      return Effect.map(replay.playback.state, ({ position }) => position)
    case "AtPosition":
      return Effect.succeed(moment.position)
    case "AtTime":
      return replay.recorded.positionAt(moment.micros)
    case "Ago":
      return replay.recorded.read({ from: replay.last, to: replay.last }).pipe(
        Stream.runFold(0, (time, envelopes) => envelopes.at(-1)?.at ?? time),
        Effect.flatMap((end) => replay.recorded.positionAt(end - moment.micros)),
      )
  }
}

const step = (replay: Replay, { body }: RouteRequest) =>
  Effect.gen(function* () {
    const asked = Option.getOrNull(decodeStep(body ?? {}))
    if (asked === null) {
      return yield* badRequest('the body must be {"events": N}, from 1 to 1000000, or {} for one event')
    }
    yield* Effect.mapError(replay.playback.step(asked.events ?? 1), ofReading)
    return yield* answer(replay)
  })

const speed = (replay: Replay, { body }: RouteRequest) =>
  Effect.gen(function* () {
    const asked = Option.getOrNull(decodeSpeed(body))
    if (asked === null) {
      return yield* badRequest('the body must be {"speed": N}, from 0.01 to 10000 times the recorded pace, or "max"')
    }
    yield* replay.playback.setSpeed(asked.speed)
    return yield* answer(replay)
  })
