// A recorded session that happens again: the views and the log of an agent to whom it is the present, and the player that drives it.

import { Context, Effect, Layer, type Scope, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import { all as projections } from "../../projections/all.ts"
import * as FoldedViews from "../../projections/FoldedViews.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { Views } from "../../projections/Views.ts"
import { openRecording, type Progress } from "../openSession.ts"
import type { SessionUnreadable } from "../SessionUnreadable.ts"
import { sliceViews } from "../sliceViews.ts"
import * as Cursor from "./Cursor.ts"
import * as Playback from "./Playback.ts"

export interface Replay {
  readonly playback: Playback.Playback
  /** All of it, whatever has happened yet. */
  readonly recorded: LogReader["Type"]
  /** The first and the last event that will happen. */
  readonly first: Position
  readonly last: Position
  readonly notice: string | null
  /** Why commands are refused here. */
  readonly readOnlyReason: string
  readonly layer: Layer.Layer<Views | LogReader>
}

export const openReplay = (
  path: string,
  begin: { readonly speed: Playback.Speed; readonly paused: boolean },
  progress?: Progress,
): Effect.Effect<Replay, SessionUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    const { reader: recorded, notice } = yield* openRecording(path, progress)
    const source = yield* recorded.source
    const { first, head: last } = source
    const cursor = yield* Cursor.make(Position(Math.min(first, last + 1) - 1), recorded.read)
    const upToNow = (to: Position) => Position(Math.min(to, cursor.position()))
    const reader: LogReader["Type"] = {
      source: Effect.sync(() => ({ ...source, kind: "replay", head: cursor.position() })),
      read: ({ from, to }) => Stream.suspend(() => recorded.read({ from, to: upToNow(to) })),
      follow: cursor.follow,
      positionAt: (micros) => Effect.map(recorded.positionAt(micros), upToNow),
      rollups: recorded.rollups,
    }
    const views = yield* Layer.build(FoldedViews.layer(projections)).pipe(
      Effect.map(Context.get(Views)),
      Effect.provideService(LogReader, reader),
    )
    const shown = (position: Position, orLater: boolean) =>
      Effect.ignore(views.until((view) => view.position === position || (orLater && view.position > position)))
    const playback = yield* Playback.make({ read: recorded.read, first, last, cursor, shown }, begin)
    return {
      playback,
      recorded,
      first,
      last,
      notice,
      readOnlyReason: `this is a replay (${path}): commands go to a live agent`,
      layer: Layer.succeedContext(Context.make(LogReader, reader).pipe(Context.add(Views, sliceViews(views, first)))),
    }
  })
