// What crosses the wire about collectives at POST /log_ccl: one record of one rank, to one event.

import { Either } from "effect"
import type { CollectiveEvent } from "../domain/events/CollectiveEvents.ts"

/** What the connection says of a reporter that does not name itself. */
export interface Sender {
  /** The process at the other end of a local connection. */
  readonly pid: number | null
  /** The host that this process runs on, where it was found. */
  readonly host: string | null
  /** The peer's address without its port. */
  readonly address: string
}

/** Written by hand because every collective of every rank passes here; a test holds it against the events' schema. */
export const eventOf = (record: unknown, sender: Sender): Either.Either<CollectiveEvent, string> => {
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    return Either.left(`a record must be a JSON object with an opType, not ${kindOf(record)}`)
  }
  const fields = record as Fields
  const fault = faultOf(fields)
  return fault === null ? Either.right(built(fields, sender)) : Either.left(fault)
}

/** Whether the record says itself which process reports; then nobody has to be looked for. */
export const namesReporter = (record: unknown): boolean =>
  typeof record === "object" && record !== null && "pid" in record && record.pid !== null

export type Fields = Readonly<Record<string, unknown>>

type Kind = "name" | "text" | "id" | "whole" | "rank" | "small" | "flag"

/** The fields that are known, and what each must be; null counts as absent. */
const kinds: Readonly<Record<string, Kind>> = {
  opType: "name",
  algorithm: "text",
  dataType: "text",
  filename: "text",
  run_id: "id",
  comm_id: "id",
  host: "text",
  count: "whole",
  bytes: "whole",
  startTime: "whole",
  endTime: "whole",
  seq: "whole",
  rootRank: "rank",
  remoteRank: "rank",
  context_rank: "small",
  context_size: "small",
  pid: "small",
  finished: "flag",
}
const known: ReadonlyMap<string, Kind> = new Map(Object.entries(kinds))

const maxTextLength = 4096
const maxIdLength = 256
/** No job has more ranks, and a rank has to fit where ranks are counted. */
const maxSmall = 2_147_483_647

const faultOf = (fields: Fields): string | null => {
  if (fields["opType"] === undefined || fields["opType"] === null) {
    return 'opType is missing; it names the operation, such as "allreduce" or "send"'
  }
  for (const name in fields) {
    const value = fields[name]
    const kind = known.get(name)
    if (kind === undefined || value === null || value === undefined) continue
    const fault = valueFault(kind, value)
    if (fault !== null) return `${name} ${fault}`
  }
  const { context_rank: rank, context_size: size } = fields
  return typeof rank === "number" && typeof size === "number" && rank >= size
    ? `context_rank must be less than context_size (${size}), not ${rank}`
    : null
}

const valueFault = (kind: Kind, value: unknown): string | null => {
  switch (kind) {
    case "whole":
    case "small":
    case "rank": {
      if (typeof value !== "number") return `must be a whole number, not ${kindOf(value)}`
      if (!Number.isInteger(value)) return `must be a whole number, not ${value}`
      if (value < (kind === "rank" ? -1 : 0))
        return `must be ${kind === "rank" ? "-1 or more" : "0 or more"}, not ${value}`
      const limit = kind === "whole" ? Number.MAX_SAFE_INTEGER : maxSmall
      return value <= limit ? null : `must be at most ${limit}, not ${value}`
    }
    case "flag":
      return typeof value === "boolean" ? null : `must be true or false, not ${kindOf(value)}`
    case "name":
      if (typeof value !== "string") return `must be a string, not ${kindOf(value)}`
      return value !== "" && value.length <= maxIdLength ? null : `must have 1 to ${maxIdLength} characters`
    case "id":
      if (typeof value === "number" && Number.isSafeInteger(value)) return null
      if (typeof value !== "string") return `must be a string, not ${kindOf(value)}`
      return value.length <= maxIdLength ? null : `must have at most ${maxIdLength} characters`
    case "text":
      if (typeof value !== "string") return `must be a string, not ${kindOf(value)}`
      return value.length <= maxTextLength ? null : `must have at most ${maxTextLength} characters`
  }
}

const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "an array"
  if (typeof value === "object") return "an object"
  return typeof value === "string" ? "a string" : `a ${typeof value}`
}

const pointToPoint: ReadonlySet<string> = new Set(["send", "recv", "isend", "irecv"])

/** Of fields that were found sound. */
export const built = (fields: Fields, sender: Sender): CollectiveEvent => {
  const op = fields["opType"] as string
  const startTime = numberOf(fields["startTime"])
  const endTime = numberOf(fields["endTime"])
  const shared = {
    reporter: reporterOf(fields, sender),
    communicator: idOf(fields["comm_id"]),
    op,
    rank: numberOf(fields["context_rank"]),
    size: numberOf(fields["context_size"]),
    startTime,
    endTime,
    filename: textOf(fields["filename"]),
    seq: numberOf(fields["seq"]),
  }
  const finished = typeof fields["finished"] === "boolean" ? fields["finished"] : (endTime ?? 0) > (startTime ?? 0)
  if (pointToPoint.has(op.toLowerCase()) || (isSet(fields["remoteRank"]) && !isSet(fields["rootRank"]))) {
    return {
      _tag: finished ? "TransferFinished" : "TransferStarted",
      ...shared,
      remoteRank: numberOf(fields["remoteRank"]),
      bytes: numberOf(fields["bytes"]),
      extra: extraOf(fields, transferOnly),
    }
  }
  return {
    _tag: finished ? "CollectiveFinished" : "CollectiveStarted",
    ...shared,
    algorithm: textOf(fields["algorithm"]),
    dataType: textOf(fields["dataType"]),
    count: numberOf(fields["count"]),
    rootRank: numberOf(fields["rootRank"]),
    extra: extraOf(fields, collectiveOnly),
  }
}

const reporterOf = (fields: Fields, sender: Sender): CollectiveEvent["reporter"] => {
  const runId = idOf(fields["run_id"])
  const told = numberOf(fields["pid"])
  const pid = told ?? sender.pid
  return {
    key: runId ?? (pid === null ? sender.address : `pid ${pid}`),
    runId,
    host: textOf(fields["host"]) ?? (told === null ? sender.host : null),
    pid,
  }
}

/** Known fields that the other kind of event has no place for; they are kept like unknown ones. */
const transferOnly: ReadonlySet<string> = new Set(["algorithm", "dataType", "count", "rootRank"])
const collectiveOnly: ReadonlySet<string> = new Set(["remoteRank", "bytes"])

const extraOf = (fields: Fields, homeless: ReadonlySet<string>): Record<string, unknown> | null => {
  let extra: Record<string, unknown> | null = null
  for (const name in fields) {
    if (known.has(name) && !homeless.has(name)) continue
    extra ??= {}
    extra[name] = fields[name]
  }
  return extra
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null
/** Adding zero turns -0, which JSON can spell, into 0. */
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value + 0 : null)
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null)
const idOf = (value: unknown): string | null => (typeof value === "number" ? String(value) : textOf(value))
