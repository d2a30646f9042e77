// What PyTorch's Flight Recorder dumped, as the events that our reporters would have sent: one JSON file a rank.

import { Either, Schema } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { CollectiveEvent, Reporter } from "../../domain/events/CollectiveEvents.ts"
import type { KnownEvent } from "../../domain/Event.ts"

const OptionalNumber = Schema.optional(Schema.NullOr(Schema.Number))

const Entry = Schema.Struct({
  profiling_name: Schema.String,
  process_group: Schema.optional(Schema.Tuple(Schema.String, Schema.String)),
  collective_seq_id: OptionalNumber,
  p2p_seq_id: OptionalNumber,
  is_p2p: Schema.optional(Schema.Boolean),
  time_created_ns: Schema.Number,
  time_discovered_started_ns: OptionalNumber,
  time_discovered_completed_ns: OptionalNumber,
  duration_ms: OptionalNumber,
  state: Schema.String,
  timeout_ms: OptionalNumber,
  input_sizes: Schema.optional(Schema.Array(Schema.Array(Schema.Number))),
  input_dtypes: Schema.optional(Schema.Array(Schema.String)),
})
type Entry = typeof Entry.Type

const Dump = Schema.Struct({
  version: Schema.String,
  entries: Schema.Array(Entry),
  rank: Schema.optional(Schema.Number),
  pg_config: Schema.optional(
    Schema.Record({
      key: Schema.String,
      value: Schema.Struct({ ranks: Schema.Union(Schema.String, Schema.Array(Schema.Number)) }),
    }),
  ),
})

export interface RankRecord {
  readonly rank: number
  readonly entries: ReadonlyArray<Entry>
  /** Ranks of a group, by its name; a group that is not listed has an unknown size. */
  readonly sizes: ReadonlyMap<string, number>
}

const decode = Schema.decodeUnknownEither(Dump)

/** A Flight Recorder dump begins like this, whatever else is in it. */
export const isFlightRecord = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "entries" in json && "version" in json

/** The rank is in the dump or at the end of the file's name; the left side says what is wrong. */
export const recordOf = (json: unknown, fileName: string): Either.Either<RankRecord, string> => {
  const record = decode(json)
  if (Either.isLeft(record))
    return Either.left(`is no Flight Recorder dump: ${record.left.message.split("\n").at(-1)?.trim() ?? ""}`)
  const named = /(\d+)(?:\.json)?$/.exec(fileName)?.[1]
  const rank = record.right.rank ?? (named === undefined ? null : Number(named))
  if (rank === null)
    return Either.left('does not say of which rank it is: neither a "rank" in it nor a number at the end of its name')
  const groups = Object.entries(record.right.pg_config ?? {})
  const sizes = new Map(groups.map(([name, { ranks }]) => [name, countOf(ranks)]))
  return Either.right({ rank, entries: record.right.entries, sizes })
}

const countOf = (ranks: string | ReadonlyArray<number>): number =>
  typeof ranks === "string" ? (ranks.match(/\d+/g)?.length ?? 0) : ranks.length

interface Timed {
  readonly micros: number
  readonly event: KnownEvent
}

/** In order of their times, from position 1. The dump of a job that hung was made when its timeout was over: that is the last moment. */
export const envelopesOf = (records: ReadonlyArray<RankRecord>, hangLimitMillis: number): ReadonlyArray<Envelope> => {
  const timed = records.flatMap((record) => record.entries.flatMap((entry) => eventsOf(record, entry)))
  timed.sort((left, right) => left.micros - right.micros)
  const begin = timed[0]?.micros ?? 0
  const waits = records.flatMap(({ entries }) => entries.filter((entry) => !isOver(entry)))
  const overdue = waits.map((entry) => entry.time_created_ns / 1000 + (entry.timeout_ms ?? 0) * 1000)
  const end = Math.max(timed.at(-1)?.micros ?? 0, waits.length === 0 ? 0 : Math.min(...overdue))
  const started: KnownEvent = {
    _tag: "AgentStarted",
    bootId: "imported",
    host: "imported",
    pid: 1,
    version: "0",
    hangLimitMillis,
  }
  return [{ micros: begin, event: started }, ...timed, { micros: end, event: { _tag: "Ticked" } as const }].map(
    ({ micros, event }, index): Envelope => ({
      position: Position(index + 1),
      at: Math.round(micros),
      mono: Math.round(micros - begin),
      actor: "import:flight-recorder",
      command: null,
      event,
    }),
  )
}

const isOver = ({ state }: Entry): boolean => state === "completed"

const eventsOf = (record: RankRecord, entry: Entry): ReadonlyArray<Timed> => {
  const begun = entry.time_discovered_started_ns ?? entry.time_created_ns
  const startTime = Math.round(begun / 1000)
  const started: Timed = { micros: startTime, event: eventOf(record, entry, startTime, null) }
  if (!isOver(entry)) return [started]
  const ended = entry.time_discovered_completed_ns ?? begun + (entry.duration_ms ?? 0) * 1e6
  const endTime = Math.max(startTime, Math.round(ended / 1000))
  return [started, { micros: endTime, event: eventOf(record, entry, startTime, endTime) }]
}

/** All ranks of one job are of one run. */
const reporter: Reporter = { key: "flight-recorder", runId: "flight-recorder", host: null, pid: null }

const eventOf = (record: RankRecord, entry: Entry, startTime: number, endTime: number | null): CollectiveEvent => {
  const [group, description] = entry.process_group ?? ["0", "default_pg"]
  const name = entry.profiling_name.replace(/^\w+:/, "")
  const shared = {
    reporter,
    communicator: description === "" ? group : description,
    op: name.replaceAll("_", "").split(" ")[0] ?? name,
    rank: record.rank,
    size: record.sizes.get(group) ?? null,
    startTime,
    endTime,
    filename: null,
    seq: (entry.is_p2p === true ? entry.p2p_seq_id : entry.collective_seq_id) ?? null,
    extra: null,
  }
  const peer = /(\d+)(?:->|<-)(\d+)/.exec(entry.profiling_name)
  if (entry.is_p2p === true && peer !== null) {
    return {
      _tag: endTime === null ? "TransferStarted" : "TransferFinished",
      ...shared,
      remoteRank: Number(peer[2]),
      bytes: null,
    }
  }
  return {
    _tag: endTime === null ? "CollectiveStarted" : "CollectiveFinished",
    ...shared,
    algorithm: null,
    dataType: entry.input_dtypes?.[0]?.toLowerCase() ?? null,
    count: entry.input_sizes?.[0]?.reduce((product, side) => product * side, 1) ?? null,
    rootRank: null,
  }
}
