// Foreign records as a session: what Annalist's own reporters did not write down.

import { readFile } from "node:fs/promises"
import { basename } from "node:path"
import { Clock, Effect, Either, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import { isoTime } from "../../domain/Moment.ts"
import { SessionUnreadable } from "../SessionUnreadable.ts"
import { unreadable } from "../scanFile.ts"
import { writeSession } from "../writeSession.ts"
import { recordOf, envelopesOf, isFlightRecord, type RankRecord } from "./flightRecorder.ts"

/** How long an operation may take before the verdict calls it hung, where nobody says. */
const hangLimitMillis = 60_000

const foreign = (path: string, reason: string) => new SessionUnreadable({ path, cause: "foreign", reason })

/** The Flight Recorder's records of a job, one file a rank, as the bytes of one session file. */
export const importFiles = (paths: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const records = yield* Effect.forEach(paths, recordIn)
    const twice = records.find(({ rank }, index) => records.findIndex((other) => other.rank === rank) !== index)
    if (twice !== undefined) return yield* foreign(paths[0] ?? "", `and another file are both of rank ${twice.rank}`)
    const envelopes = envelopesOf(records, hangLimitMillis)
    const header = {
      node: "imported",
      bootId: "imported",
      logId: null,
      from: Position(1),
      to: Position(envelopes.length),
      created: isoTime((yield* Clock.currentTimeMillis) * 1000),
      types: null,
    }
    return writeSession({ header, carried: [], events: Stream.make(envelopes) })
  })

const recordIn = (path: string): Effect.Effect<RankRecord, SessionUnreadable> =>
  Effect.gen(function* () {
    const bytes = yield* Effect.tryPromise({
      try: () => readFile(path),
      catch: (error) => unreadable(path, error as Error),
    })
    // The first byte of every pickle of protocol 2 and later.
    if (bytes[0] === 0x80) {
      return yield* foreign(
        path,
        "is a Python pickle, and reading one can run any code; dump it as JSON: torchfrtrace -j, or _dump_nccl_trace_json()",
      )
    }
    const json = yield* Effect.try({
      try: () => JSON.parse(bytes.toString()) as unknown,
      catch: () => foreign(path, "is no JSON; annalist import takes Flight Recorder records as JSON, one file a rank"),
    })
    if (!isFlightRecord(json))
      return yield* foreign(path, 'is no Flight Recorder dump: it has no "version" and "entries"')
    const record = recordOf(json, basename(path))
    return Either.isRight(record) ? record.right : yield* foreign(path, record.left)
  })
