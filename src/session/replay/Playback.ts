// The player of a recording: its events happen again at their own pace, faster, or as fast as they are taken; it is held, moved and stepped.

import { Deferred, Effect, Fiber, Option, type Scope, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { LogReader, ReadFailed } from "../../projections/LogReader.ts"
import type { Cursor } from "./Cursor.ts"
import { gapMicros } from "./pace.ts"

export type Speed = number | "max"

export interface PlaybackState {
  readonly state: "playing" | "paused" | "ended"
  readonly speed: Speed
  /** The last event that happened; 0 before the first. */
  readonly position: Position
}

export interface Playback {
  readonly state: Effect.Effect<PlaybackState>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly setSpeed: (speed: Speed) => Effect.Effect<void>
  /** To the last event at or before a position. Returns once the views show it. */
  readonly seek: (position: Position) => Effect.Effect<void, ReadFailed>
  /** Lets so many more events happen, and holds. */
  readonly step: (events: number) => Effect.Effect<void, ReadFailed>
}

/** The recording, whole, and what it is played to. */
export interface Stage {
  readonly read: LogReader["Type"]["read"]
  readonly first: Position
  readonly last: Position
  readonly cursor: Cursor
  /** Waits until the views show exactly this event, or a later one when `orLater`. */
  readonly shown: (position: Position, orLater: boolean) => Effect.Effect<void>
}

/** Released at once when nothing is waited for: enough to be quick, few enough to be stopped between. */
const atOnce = 4096
/** From so many on the views are waited for: nobody is hurried beyond what is taken. */
const many = 256

interface Pace {
  speed: Speed
  paused: boolean
  /** Events up to here happen whatever the pace. */
  hurriedTo: number
  /** The event from which the pace is counted, and when it was due. */
  anchor: { readonly of: Pick<Envelope, "at" | "mono">; readonly millis: number } | null
}

export const make = (
  stage: Stage,
  begin: { readonly speed: Speed; readonly paused: boolean },
): Effect.Effect<Playback, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const { cursor } = stage
    const pace: Pace = { ...begin, hurriedTo: 0, anchor: null }
    let ended = false
    let changed = yield* Deferred.make<void>()
    const oneAtATime = yield* Effect.makeSemaphore(1)

    const change = (set: () => void) =>
      Effect.flatMap(Deferred.make<void>(), (next) => {
        const before = changed
        changed = next
        set()
        return Deferred.succeed(before, undefined)
      })

    const letHappen = (envelopes: ReadonlyArray<Envelope>): Effect.Effect<void> =>
      Effect.gen(function* () {
        for (let index = 0; index < envelopes.length;) {
          const { end, waitMillis } = allowed(pace, envelopes, index, performance.now())
          const last = envelopes[end - 1]
          if (end > index && last !== undefined) {
            yield* cursor.release(envelopes.slice(index, end))
            if (end - index >= many) yield* stage.shown(last.position, true)
            index = end
          } else {
            const waited = waitMillis === Infinity ? Effect.never : Effect.sleep(waitMillis)
            yield* Effect.raceFirst(waited, Deferred.await(changed))
          }
        }
      })

    const play = Effect.suspend(() =>
      stage.read({ from: Position(cursor.position() + 1), to: stage.last }).pipe(Stream.runForEach(letHappen)),
    ).pipe(
      Effect.catchAll(({ reason }) => Effect.logError(`the replay ends here: ${reason}`)),
      Effect.ensuring(Effect.sync(() => (ended = true))),
    )
    const start = Effect.suspend(() => {
      ended = false
      pace.anchor = null
      pace.hurriedTo = 0
      return Effect.forkIn(play, scope)
    })
    let playing = yield* start

    const back = (to: Position) =>
      Fiber.interrupt(playing).pipe(
        Effect.zipRight(cursor.rewind(to)),
        Effect.zipRight(stage.shown(to, false)),
        Effect.zipRight(start),
        Effect.map((fiber) => {
          playing = fiber
        }),
      )
    const ahead = (to: Position) =>
      change(() => {
        pace.hurriedTo = to
        pace.anchor = null
      }).pipe(Effect.zipRight(stage.shown(to, true)))
    const move = (to: Position) =>
      to === cursor.position() ? Effect.void : to < cursor.position() ? back(to) : ahead(to)
    const hold = (paused: boolean) =>
      change(() => {
        pace.paused = paused
        pace.anchor = null
      })

    return {
      state: Effect.sync(() => ({
        state: ended ? "ended" : pace.paused ? "paused" : "playing",
        speed: pace.speed,
        position: cursor.position(),
      })),
      pause: hold(true),
      resume: hold(false),
      setSpeed: (speed) =>
        change(() => {
          pace.speed = speed
          pace.anchor = null
        }),
      seek: (position) => Effect.flatMap(eventAtOrBefore(stage, position), move).pipe(oneAtATime.withPermits(1)),
      step: (events) =>
        hold(true).pipe(
          Effect.zipRight(Effect.suspend(() => nthAfter(stage, cursor.position(), events))),
          Effect.flatMap(move),
          oneAtATime.withPermits(1),
        ),
    }
  })

/** Up to which event they may happen now, and else how long the next one has to be waited for; Infinity is until something changes. */
const allowed = (
  pace: Pace,
  envelopes: ReadonlyArray<Envelope>,
  from: number,
  now: number,
): { readonly end: number; readonly waitMillis: number } => {
  const most = Math.min(envelopes.length, from + atOnce)
  let end = from
  while (end < most && (envelopes[end]?.position ?? 0) <= pace.hurriedTo) end++
  if (end > from) return { end, waitMillis: 0 }
  if (pace.paused) return { end, waitMillis: Infinity }
  if (pace.speed === "max") return { end: most, waitMillis: 0 }
  for (; end < most; end++) {
    const next = envelopes[end]
    if (next === undefined) break
    // Counted from when the one before was due, so that late timers do not add up.
    const { anchor } = pace
    const due = anchor === null ? now : anchor.millis + gapMicros(anchor.of, next) / 1000 / pace.speed
    if (due > now) return { end, waitMillis: due - now }
    pace.anchor = { of: next, millis: due }
  }
  return { end, waitMillis: 0 }
}

/** Positions may be sparse: kinds left out, telemetry that aged. The first event when all are later. */
const eventAtOrBefore = (stage: Stage, position: Position): Effect.Effect<Position, ReadFailed> =>
  Effect.gen(function* () {
    const wanted = Position(Math.max(stage.first, Math.min(position, stage.last)))
    for (let reach = 1000; ; reach *= 10) {
      const from = Position(Math.max(stage.first, wanted - reach))
      const found = yield* stage
        .read({ from, to: wanted })
        .pipe(Stream.runFold(0, (last, envelopes) => envelopes.at(-1)?.position ?? last))
      if (found > 0) return Position(found)
      if (from === stage.first) return yield* nthAfter(stage, Position(wanted - 1), 1)
    }
  })

const nthAfter = (stage: Stage, position: Position, count: number): Effect.Effect<Position, ReadFailed> =>
  stage.read({ from: Position(position + 1), to: stage.last }).pipe(
    Stream.mapConcat((envelopes) => envelopes),
    Stream.take(count),
    Stream.runLast,
    Effect.map((found) => Option.getOrNull(found)?.position ?? position),
  )
