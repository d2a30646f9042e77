// The lines of collectives and transfers, read and written by hand: of a busy session they are nearly all. What does not look
// exactly as it is written here is left to the schema.

import { Schema } from "effect"
import { CommandId, Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import { type CollectiveEvent, Reporter } from "../domain/events/CollectiveEvents.ts"
import { isoMicros } from "../domain/Moment.ts"
import type { LineCursor } from "./LineCursor.ts"

const common = [
  "_tag",
  "reporter",
  "communicator",
  "op",
  "rank",
  "size",
  "startTime",
  "endTime",
  "filename",
  "seq",
  "extra",
]
const collectiveFields = [...common, "algorithm", "dataType", "count", "rootRank"]
const transferFields = [...common, "remoteRank", "bytes"]

/** The fields of its data as JSON; null when its fields are others or stand in another order, which a line keeps. */
export const dataText = (event: CollectiveEvent): string | null => {
  if (event.extra !== null) return null
  const fields = "algorithm" in event ? collectiveFields : transferFields
  let index = 0
  for (const name in event) if (name !== fields[index++]) return null
  if (index !== fields.length) return null
  const head =
    `{"reporter":${reporterText(event.reporter)},"communicator":${quoted(event.communicator)},"op":${quoted(event.op)},` +
    `"rank":${event.rank},"size":${event.size},"startTime":${event.startTime},"endTime":${event.endTime},` +
    `"filename":${quoted(event.filename)},"seq":${event.seq},"extra":null,`
  return "algorithm" in event
    ? `${head}"algorithm":${quoted(event.algorithm)},"dataType":${quoted(event.dataType)},"count":${event.count},"rootRank":${event.rootRank}}`
    : `${head}"remoteRank":${event.remoteRank},"bytes":${event.bytes}}`
}

/** The same reporter comes back with every event of its rank. */
const reporterTexts = new WeakMap<Reporter, string>()

const reporterText = (reporter: Reporter): string => {
  const known = reporterTexts.get(reporter)
  if (known !== undefined) return known
  const text = JSON.stringify(reporter)
  reporterTexts.set(reporter, text)
  return text
}

const maxQuoted = 4096
const quotedTexts = new Map<string, string>()

/** As JSON; a job has few names, so that each is escaped once. */
export const quoted = (text: string | null): string => {
  if (text === null) return "null"
  const known = quotedTexts.get(text)
  if (known !== undefined) return known
  const made = JSON.stringify(text)
  if (text.length <= 256) {
    if (quotedTexts.size >= maxQuoted) quotedTexts.clear()
    quotedTexts.set(text, made)
  }
  return made
}

/** One event's line, from its first character on; null when it is none of these or not exactly so. The cursor then stands anywhere. */
export const read = (line: LineCursor): Envelope | null => {
  line.skip('{"position":')
  const position = line.whole()
  line.skip(',"at":')
  const at = timeOf(line)
  line.skip(',"mono":')
  const mono = line.whole()
  line.skip(',"actor":')
  const actor = line.text()
  line.skip(',"command":')
  const command = line.textOrNull()
  line.skip(',"type":')
  const tag = line.text()
  if (line.failed || !(tag.startsWith("Collective") || tag.startsWith("Transfer"))) return null
  line.skip(',"data":')
  const event = eventOf(line, tag as CollectiveEvent["_tag"])
  ending(line)
  if (line.failed || event === null || position < 1) return null
  return {
    position: Position(position),
    at,
    mono,
    actor,
    command: command === null ? null : CommandId(command),
    event,
  }
}

const eventOf = (line: LineCursor, _tag: CollectiveEvent["_tag"]): CollectiveEvent | null => {
  line.skip('{"reporter":')
  const reporter = reporterOf(line)
  if (reporter === null) return null
  line.skip(',"communicator":')
  const communicator = line.textOrNull()
  line.skip(',"op":')
  const op = line.text()
  line.skip(',"rank":')
  const rank = line.wholeOrNull()
  line.skip(',"size":')
  const size = line.wholeOrNull()
  line.skip(',"startTime":')
  const startTime = line.wholeOrNull()
  line.skip(',"endTime":')
  const endTime = line.wholeOrNull()
  line.skip(',"filename":')
  const filename = line.textOrNull()
  line.skip(',"seq":')
  const seq = line.wholeOrNull()
  line.skip(',"extra":null')
  const shared = { reporter, communicator, op, rank, size, startTime, endTime, filename, seq, extra: null }
  if (line.failed) return null
  if (_tag === "TransferStarted" || _tag === "TransferFinished") {
    line.skip(',"remoteRank":')
    const remoteRank = line.wholeOrNull()
    line.skip(',"bytes":')
    return { _tag, ...shared, remoteRank, bytes: line.wholeOrNull() }
  }
  if (_tag !== "CollectiveStarted" && _tag !== "CollectiveFinished") return null
  line.skip(',"algorithm":')
  const algorithm = line.textOrNull()
  line.skip(',"dataType":')
  const dataType = line.textOrNull()
  line.skip(',"count":')
  const count = line.wholeOrNull()
  line.skip(',"rootRank":')
  return { _tag, ...shared, algorithm, dataType, count, rootRank: line.wholeOrNull() }
}

const maxReporters = 4096
const reporters = new Map<string, Reporter>()
const isReporter = Schema.is(Reporter, { onExcessProperty: "error" })

/** One object for all events of a rank. */
const reporterOf = (line: LineCursor): Reporter | null => {
  const text = line.upTo("}")
  return reporters.get(text) ?? learnReporter(text)
}

/** A name that holds a brace of its own cuts the text short, and it is left to the schema. */
const learnReporter = (text: string): Reporter | null => {
  try {
    const parsed: unknown = JSON.parse(text)
    const copy = JSON.stringify(parsed)
    if (copy !== text || !isReporter(parsed)) return null
    if (reporters.size >= maxReporters) reporters.clear()
    reporters.set(copy, parsed)
    return parsed
  } catch {
    return null
  }
}

const crcLength = '"00000000"'.length

/** The event's closing brace, and what may still stand in its line. */
const ending = (line: LineCursor): void => {
  line.skip("}")
  if (line.has(',"carried":true')) line.skip(',"carried":true')
  if (line.has(',"crc":')) line.at += ',"crc":'.length + crcLength
  line.skip("}")
  if (!line.isOver()) line.failed = true
}

let second = ""
let secondMicros = 0

/** `"2026-01-31T03:00:00.000000Z"`. Events come many a second: only the fraction is read anew. */
const timeOf = (line: LineCursor): number => {
  if (second !== "" && line.has(second)) {
    line.skip(second)
    const micros = line.digits(6)
    line.skip('Z"')
    return secondMicros + micros
  }
  const text = line.text()
  const micros = text.length === 27 ? isoMicros(text) : null
  if (micros === null) {
    line.failed = true
    return 0
  }
  second = `"${text.slice(0, 20)}`
  secondMicros = micros - (micros % 1e6)
  return micros
}
