// A data directory that no agent holds, as a session: read through a scratch snapshot, so that not a byte of it changes.

import { Context, Effect, Layer, type Scope, Stream } from "effect"
import { Checkpoints } from "../log/Checkpoints.ts"
import { EventLog, type LogUnopenable } from "../log/EventLog.ts"
import type { Rollups } from "../log/Rollups.ts"
import * as SnapshotEventLog from "../log/verify/SnapshotEventLog.ts"
import { all as projections } from "../projections/all.ts"
import * as FoldedViews from "../projections/FoldedViews.ts"
import * as LiveReader from "../projections/LiveReader.ts"
import { LogReader } from "../projections/LogReader.ts"
import { Views } from "../projections/Views.ts"
import { lateViews } from "./lateViews.ts"
import { SessionUnreadable } from "./SessionUnreadable.ts"

export const openDirectory = (
  path: string,
): Effect.Effect<Context.Context<Views | LogReader>, SessionUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    const log = yield* Effect.mapError(Layer.build(SnapshotEventLog.layer({ directory: path })), (error) =>
      unopenable(path, error),
    )
    const reader = yield* Effect.provide(readerOf(path), log)
    const views = yield* Layer.build(FoldedViews.layerCheckpointed(projections)).pipe(
      Effect.map(Context.get(Views)),
      Effect.provide(Context.add(Context.pick(Checkpoints)(log), LogReader, reader)),
      lateViews,
    )
    return Context.make(LogReader, reader).pipe(Context.add(Views, views))
  })

export const unopenable = (path: string, { reason, advice }: LogUnopenable): SessionUnreadable =>
  new SessionUnreadable({ path, cause: "io", reason: `cannot be opened: ${reason}; ${advice}` })

const readerOf = (path: string): Effect.Effect<LogReader["Type"], SessionUnreadable, EventLog | Rollups> =>
  Effect.gen(function* () {
    const { head } = yield* (yield* EventLog).info
    const reader = yield* Effect.provide(LogReader, LiveReader.layer(yield* nodeOf(path)))
    return {
      ...reader,
      source: Effect.map(reader.source, (source) => ({ ...source, kind: "directory" as const })),
      // Nobody writes here any more: what a live log would wait for never comes.
      follow: (from) => reader.read({ from, to: head }),
    }
  })

/** The node is who last started an agent on this log. */
const nodeOf = (path: string) =>
  Effect.flatMap(EventLog, (log) =>
    log.read({ lanes: ["action"] }).pipe(
      Stream.runFold({ name: "", bootId: "" }, (node, envelopes) => {
        const started = envelopes.findLast(({ event }) => event._tag === "AgentStarted")?.event
        return started?._tag === "AgentStarted" ? { name: started.host, bootId: started.bootId } : node
      }),
      Effect.mapError(
        ({ reason }) =>
          new SessionUnreadable({
            path,
            cause: "damaged",
            reason: `is damaged: ${reason}; annalist verify ${path} tells where`,
          }),
      ),
    ),
  )
