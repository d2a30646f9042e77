// Going back over a job's calls: each was written before it began, so the moment before that shows it with all that it was given.

import { Effect, Option, Stream } from "effect"
import { Position } from "../../../domain/Brands.ts"
import type { Envelope } from "../../../domain/Envelope.ts"
import { LogReader, type ReadFailed } from "../../../projections/LogReader.ts"
import { traces } from "../../../projections/traces.ts"
import { type View, Views } from "../../../projections/Views.ts"
import { ofReading } from "../../problems.ts"

interface PastCall {
  readonly call: number
  /** The moment before it began. */
  readonly view: View
}

/** The last call that began before the moment of `view`; null at the beginning. */
export const callBefore = (view: View, job: string) =>
  Effect.gen(function* () {
    const positions = view.state(traces).jobs.get(job)?.positions ?? []
    const reader = yield* LogReader
    for (let index = positions.length - 1; index >= 0; index--) {
      const position = positions[index] ?? Position(0)
      if (position > view.position) continue
      const found = yield* first(reader.read({ from: position, to: position }), job, () => true)
      if (found !== null) return yield* before(found)
    }
    return null
  })

/** How a call of a job began. */
export const callNumbered = (view: View, job: string, call: number) =>
  Effect.gen(function* () {
    const known = view.state(traces).jobs.get(job)
    if (known === undefined) return null
    const reader = yield* LogReader
    const found = yield* first(reader.read({ from: known.first, to: view.position }), job, (number) => number === call)
    return found === null ? null : yield* before(found)
  })

interface Begun {
  readonly call: number
  readonly position: Position
}

const before = ({ call, position }: Begun) =>
  Effect.gen(function* () {
    const views = yield* Views
    const view = yield* Effect.mapError(views.at({ _tag: "AtPosition", position: Position(position - 1) }), ofReading)
    return { call, view } satisfies PastCall
  })

const first = (
  events: Stream.Stream<ReadonlyArray<Envelope>, ReadFailed>,
  job: string,
  isMeant: (call: number) => boolean,
) =>
  events.pipe(
    Stream.mapConcat((committed) =>
      committed.flatMap(({ event, position }): ReadonlyArray<Begun> =>
        event._tag === "SlotCalled" && event.job === job && isMeant(event.call) ? [{ call: event.call, position }] : [],
      ),
    ),
    Stream.runHead,
    Effect.map(Option.getOrNull),
    Effect.mapError(ofReading),
  )
