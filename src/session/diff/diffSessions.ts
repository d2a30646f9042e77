// Two recorded sessions compared: where they part, and what takes longer in the second.

import { Effect, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { openSession, type Progress } from "../openSession.ts"
import * as Courses from "./Courses.ts"
import * as Durations from "./Durations.ts"
import { type Change, changes } from "./slower.ts"

export interface Difference {
  readonly divergence: {
    readonly course: string
    readonly before: Envelope | null
    readonly after: Envelope | null
  } | null
  readonly changes: ReadonlyArray<Change>
  readonly notices: ReadonlyArray<string>
}

export const diffSessions = (before: string, after: string, progress?: Progress) =>
  Effect.gen(function* () {
    const one = yield* taken(before, progress)
    const other = yield* taken(after, progress)
    const found = Courses.firstDivergence(one.courses, other.courses)
    const divergence =
      found === null
        ? null
        : {
            course: found.course,
            before: yield* eventAt(one.reader, found.before),
            after: yield* eventAt(other.reader, found.after),
          }
    const difference: Difference = {
      divergence,
      changes: changes(one.durations.groups(), other.durations.groups()),
      notices: [one.notice, other.notice].filter((notice) => notice !== null),
    }
    return difference
  })

const taken = (path: string, progress: Progress | undefined) =>
  Effect.gen(function* () {
    const opened = yield* openSession(path, progress)
    const reader = yield* Effect.provide(LogReader, opened.layer)
    const { head } = yield* reader.source
    const courses = Courses.make()
    const durations = Durations.make()
    yield* Stream.runForEach(reader.read({ from: Position(1), to: head }), (envelopes) =>
      Effect.sync(() => {
        for (const envelope of envelopes) {
          courses.take(envelope)
          durations.take(envelope)
        }
      }),
    )
    return { reader, courses, durations, notice: opened.notice }
  })

const eventAt = (reader: LogReader["Type"], position: number | null) =>
  position === null
    ? Effect.succeed(null)
    : Effect.map(
        Stream.runCollect(reader.read({ from: Position(position), to: Position(position) })),
        (batches) => Array.from(batches).flat()[0] ?? null,
      )
