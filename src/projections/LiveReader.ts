// The log reader of a running agent: the event log's reading half, without its appending one.

import { Effect, Layer, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import { EventLog } from "../log/EventLog.ts"
import { Rollups } from "../log/Rollups.ts"
import { LogReader, ReadFailed } from "./LogReader.ts"

const failed = (error: { readonly _tag: string; readonly reason: string }) =>
  new ReadFailed({ reason: `${error._tag === "LogDamaged" ? "the log is damaged: " : ""}${error.reason}` })

export const layer = (node: {
  readonly name: string
  readonly bootId: string
}): Layer.Layer<LogReader, never, EventLog | Rollups> =>
  Layer.effect(
    LogReader,
    Effect.map(Effect.all([EventLog, Rollups]), ([log, rollups]) =>
      LogReader.of({
        source: Effect.map(log.info, (info) => ({
          node: node.name,
          bootId: node.bootId,
          logId: info.logId,
          first: Position(1),
          head: info.head,
          rawFrom: info.rawFrom,
          kind: "live" as const,
          bytes: info.bytesOnDisk,
        })),
        read: (range) => log.read(range).pipe(Stream.mapError(failed)),
        follow: (from) => log.follow(from).pipe(Stream.mapError(failed)),
        positionAt: (micros) => log.positionAt(micros).pipe(Effect.mapError(failed)),
        rollups,
      }),
    ),
  )
