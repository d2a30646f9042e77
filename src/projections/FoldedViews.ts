// Views folded from a log reader: the present by following it, the past from the nearest copy and a short fold.

import { Effect, Fiber, Layer, Option, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Moment } from "../domain/Moment.ts"
import { isoTime } from "../domain/Moment.ts"
import { LogReader } from "./LogReader.ts"
import type { Checkpoints } from "../log/Checkpoints.ts"
import * as Turns from "../log/core/Turns.ts"
import * as LogSnapshots from "./LogSnapshots.ts"
import * as MemorySnapshots from "./MemorySnapshots.ts"
import type { Snapshots } from "./Snapshots.ts"
import * as States from "./States.ts"
import { MomentUnknown, type View, Views, ViewsUnavailable } from "./Views.ts"

/** Events folded in one go before it is asked whether other work has to get its turn: about half a millisecond's worth. */
const slice = 128

/** How long a past moment is kept after it was asked about: as long as a page takes to ask all its questions. */
const pastMillis = 5_000

interface Waiter {
  readonly holds: (view: View) => boolean
  readonly resume: (met: Effect.Effect<View, ViewsUnavailable>) => void
}

const unavailable = (error: { readonly reason: string }) => new ViewsUnavailable({ reason: error.reason })

const make = (projections: ReadonlyArray<States.AnyProjection>, snapshots: Snapshots) =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const scope = yield* Effect.scope
    const { head } = yield* reader.source
    let present = (yield* snapshots.nearest(head)) ?? States.make(projections)
    const waiters = new Set<Waiter>()
    /** Why the log can no longer be followed; null while it is. */
    let broken: ViewsUnavailable | null = null

    const wake = Effect.sync(() => {
      const view = States.view(present)
      for (const waiter of waiters) {
        if (!waiter.holds(view)) continue
        waiters.delete(waiter)
        waiter.resume(Effect.succeed(view))
      }
    })
    const end = (error: ViewsUnavailable): void => {
      broken = error
      for (const waiter of waiters) waiter.resume(Effect.fail(error))
      waiters.clear()
    }

    /** A replay may go back: then the present begins anew from before the event that comes again. */
    const foldPresent = (chunk: ReadonlyArray<Envelope>) =>
      Effect.gen(function* () {
        const [next] = chunk
        if (next !== undefined && next.position <= present.position) {
          present = yield* statesAt(Position(next.position - 1))
        }
        yield* foldInSlices(present, chunk, keepWhenDue)
        yield* wake
      })
    const keepWhenDue = Effect.suspend(() => (snapshots.due(present) ? snapshots.keep(present) : Effect.void))

    const until = (holds: (view: View) => boolean) =>
      Effect.async<View, ViewsUnavailable>((resume) => {
        const view = States.view(present)
        if (holds(view)) return resume(Effect.succeed(view))
        if (broken !== null) return resume(Effect.fail(broken))
        const waiter: Waiter = { holds, resume }
        waiters.add(waiter)
        return Effect.sync(() => waiters.delete(waiter))
      })

    const statesAt = (position: Position) =>
      Effect.gen(function* () {
        const states = (yield* snapshots.nearest(position)) ?? States.make(projections)
        yield* reader.read({ from: Position(states.position + 1), to: position }).pipe(
          Stream.runForEach((chunk) => foldInSlices(states, chunk)),
          Effect.mapError(unavailable),
        )
        return states
      })

    const at = Effect.fn("Views.at")(function* (moment: Moment) {
      const position = yield* resolve(moment)
      if (position === null) return States.view(present)
      if (position > present.position) {
        return yield* new MomentUnknown({
          reason: `position ${position} is not written yet; the last one is ${present.position}`,
        })
      }
      return position === present.position ? States.view(present) : States.view(yield* pastAt(position))
    })

    /** Questions about one past moment come several at a time: what was folded for the first serves the others. */
    let past: { readonly position: Position; readonly folding: Fiber.Fiber<States.States, ViewsUnavailable> } | null =
      null
    const forget = (one: typeof past) =>
      Effect.sync(() => {
        if (past === one) past = null
      })
    const pastAt = (position: Position) =>
      Effect.gen(function* () {
        if (past?.position === position) return yield* Fiber.join(past.folding)
        // On its own: who asked first may leave while others wait.
        const one = { position, folding: yield* Effect.forkIn(statesAt(position), scope) }
        past = one
        yield* Effect.forkIn(Effect.delay(forget(one), pastMillis), scope)
        return yield* Effect.tapError(Fiber.join(one.folding), () => forget(one))
      })

    const resolve = (moment: Moment): Effect.Effect<Position | null, MomentUnknown | ViewsUnavailable> => {
      switch (moment._tag) {
        case "Now":
          return Effect.suspend(() => (broken === null ? Effect.succeed(null) : Effect.fail(broken)))
        case "AtPosition":
          return Effect.succeed(moment.position)
        case "AtTime":
          return positionAt(moment.micros)
        case "Ago":
          return positionAt(present.at - moment.micros)
      }
    }

    const beginning = Effect.gen(function* () {
      const { first } = yield* reader.source
      const chunk = yield* Stream.runHead(reader.read({ from: first, to: first }))
      const at = Option.getOrNull(chunk)?.[0]?.at
      return at === undefined ? "" : `; the log begins at ${isoTime(at)}`
    }).pipe(Effect.mapError(unavailable))

    const positionAt = (micros: number) =>
      reader.positionAt(micros).pipe(
        Effect.mapError(unavailable),
        Effect.flatMap((position) =>
          position === 0
            ? Effect.flatMap(beginning, (begins) =>
                Effect.fail(
                  new MomentUnknown({ reason: `nothing is recorded at or before ${isoTime(micros)}${begins}` }),
                ),
              )
            : Effect.succeed(Position(Math.min(position, present.position))),
        ),
      )

    yield* reader.follow(Position(present.position + 1)).pipe(
      Stream.runForEach(foldPresent),
      Effect.catchAll((error) =>
        Effect.zipRight(
          Effect.sync(() => end(unavailable(error))),
          Effect.logError(`the views no longer follow the log: ${error.reason}`),
        ),
      ),
      Effect.forkScoped,
    )
    const reached = (position: Position) => until((view) => view.position >= position)
    yield* Effect.ignore(reached(head))
    return Views.of({ at, reached, until })
  })

const foldInSlices = (
  states: States.States,
  chunk: ReadonlyArray<Envelope>,
  afterSlice: Effect.Effect<void> = Effect.void,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const turns = yield* Turns.make
    for (let start = 0; start < chunk.length; start += slice) {
      const end = Math.min(start + slice, chunk.length)
      for (let index = start; index < end; index++) {
        const envelope = chunk[index]
        if (envelope !== undefined) States.evolve(states, envelope)
      }
      yield* afterSlice
      if (end < chunk.length) yield* turns.give
    }
  })

/** Over a recording. Ready once the present shows all of it, or once it turned out to be unreadable. */
export const layer = (projections: ReadonlyArray<States.AnyProjection>): Layer.Layer<Views, never, LogReader> =>
  Layer.scoped(
    Views,
    Effect.suspend(() => make(projections, MemorySnapshots.make())),
  )

/** Over a log with checkpoints beside it: the same, and the next start folds only what came after the last one. */
export const layerCheckpointed = (
  projections: ReadonlyArray<States.AnyProjection>,
): Layer.Layer<Views, never, LogReader | Checkpoints> =>
  Layer.scoped(
    Views,
    Effect.flatMap(LogSnapshots.make(projections), (snapshots) => make(projections, snapshots)),
  )
