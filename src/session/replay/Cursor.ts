// How far a replay has come: events up to here have happened again, and whoever follows is given them as they do.

import { Deferred, Effect, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { LogReader, ReadFailed } from "../../projections/LogReader.ts"

type Read = LogReader["Type"]["read"]

export interface Cursor {
  readonly position: () => Position
  /** These happen now; they come right after the last ones. */
  readonly release: (envelopes: ReadonlyArray<Envelope>) => Effect.Effect<void>
  /** Back to a position: its event and those after it will be given to the followers again. */
  readonly rewind: (to: Position) => Effect.Effect<void>
  /** Never ends. After a rewind it goes on with the event of the position that was gone back to. */
  readonly follow: (from: Position) => Stream.Stream<ReadonlyArray<Envelope>, ReadFailed>
}

/** `read` is of the whole recording. */
export const make = (start: Position, read: Read): Effect.Effect<Cursor> =>
  Effect.gen(function* () {
    let position = start
    let rewinds = 0
    /** What was released last: most followers are just there, and need not read the file. */
    let latest: ReadonlyArray<Envelope> = []
    let moved = yield* Deferred.make<void>()

    const tell = Effect.flatMap(Deferred.make<void>(), (next) => {
      const before = moved
      moved = next
      return Deferred.succeed(before, undefined)
    })

    const since = (from: Position): Stream.Stream<ReadonlyArray<Envelope>, ReadFailed> => {
      const [first] = latest
      if (first === undefined || from < first.position) return read({ from, to: position })
      return Stream.succeed(latest.filter((envelope) => envelope.position >= from))
    }

    const follow = (from: Position) =>
      Stream.suspend(() => {
        let next = from
        let seen = rewinds
        const part = Effect.suspend(() => {
          if (seen !== rewinds) {
            seen = rewinds
            next = position
          }
          if (next > position) return Effect.as(Deferred.await(moved), Stream.empty)
          const released = since(next)
          next = Position(position + 1)
          return Effect.succeed(released)
        })
        return Stream.flatMap(Stream.repeatEffect(part), (envelopes) => envelopes)
      })

    return {
      position: () => position,
      release: (envelopes) =>
        Effect.suspend(() => {
          latest = envelopes
          position = envelopes.at(-1)?.position ?? position
          return tell
        }),
      rewind: (to) =>
        Effect.suspend(() => {
          latest = []
          position = to
          rewinds++
          return tell
        }),
      follow,
    }
  })
