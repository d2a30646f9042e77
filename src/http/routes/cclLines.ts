// NDJSON of any length at POST /log_ccl: read as fast as the log takes it, a bad line never losing the good ones.

import { isAscii } from "node:buffer"
import { Effect, Either, Stream } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import * as Ccl from "../../wire/ccl.ts"
import { fieldsOf } from "../../wire/cclText.ts"
import { maxBodyBytes } from "../door/bodies.ts"
import * as StrictJson from "../door/StrictJson.ts"
import { Problem } from "../Problem.ts"
import type { Answer, RouteRequest } from "../Route.ts"
import { type CclTally, newTally, recordAll, reject, senderOf, tallied } from "./cclTally.ts"

/** Events handed to the log at once: small enough for other work to get its turn. */
const maxBatch = 1024
/** Batches that wait for their commit while the next are read: one sync takes all of them along. */
const maxUnderWay = 16
const maxLineBytes = maxBodyBytes
/** A sender may cut a line into single bytes; each part kept costs far more than its bytes. */
const maxHeldParts = 256
const newline = 0x0a
const carriageReturn = 0x0d

interface Reading {
  readonly tally: CclTally
  readonly sender: Ccl.Sender
  /** The beginning of a line whose end has not come yet. */
  held: Array<Uint8Array>
  heldBytes: number
  line: number
}

export const takeLines = (request: RouteRequest): Effect.Effect<Answer, Problem, Commands> =>
  Effect.gen(function* () {
    // Asked for once: the lines of one post come from one process.
    const sender = yield* senderOf([null], request.caller)
    const reading: Reading = { tally: newTally(), sender, held: [], heldBytes: 0, line: 0 }
    const batches = request.raw.pipe(
      Stream.mapConcat((chunk) => inBatches(eventsIn(reading, chunk))),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(inBatches(lastEvents(reading))))),
    )
    yield* batches.pipe(
      Stream.mapEffect((events) => Effect.as(recordAll(events, request.caller), events.length), {
        concurrency: maxUnderWay,
      }),
      Stream.runForEach((count) => Effect.sync(() => (reading.tally.accepted += count))),
      Effect.mapError((problem) => withCount(problem, reading.tally)),
    )
    return tallied(reading.tally)
  })

type Events = ReadonlyArray<CollectiveEvent>

const inBatches = (events: Events): ReadonlyArray<Events> => {
  if (events.length <= maxBatch) return events.length === 0 ? [] : [events]
  const batches: Array<Events> = []
  for (let start = 0; start < events.length; start += maxBatch) batches.push(events.slice(start, start + maxBatch))
  return batches
}

/** The events of the lines that end in this chunk. */
const eventsIn = (reading: Reading, chunk: Uint8Array): Events => {
  const events: Array<CollectiveEvent> = []
  let start = 0
  if (reading.heldBytes > 0) {
    const end = chunk.indexOf(newline)
    if (end !== -1) {
      take(reading, finish(reading, chunk.subarray(0, end)), events)
      start = end + 1
    }
  }
  const last = chunk.lastIndexOf(newline)
  if (last >= start) takeWhole(reading, chunk.subarray(start, last + 1), events)
  const rest = Math.max(start, last + 1)
  if (rest < chunk.length) hold(reading, chunk.subarray(rest))
  return events
}

const lastEvents = (reading: Reading): Events => {
  const events: Array<CollectiveEvent> = []
  if (reading.heldBytes > 0) take(reading, finish(reading, new Uint8Array(0)), events)
  return events
}

/** Whole lines, each with its end. As text all at once: bytes and letters are the same in ASCII. */
const takeWhole = (reading: Reading, bytes: Uint8Array, events: Array<CollectiveEvent>): void => {
  const text = isAscii(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1") : null
  let start = 0
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    reading.line++
    const fields = text === null ? null : fieldsOf(text, start, bytes[end - 1] === carriageReturn ? end - 1 : end)
    if (fields !== null) events.push(Ccl.built(fields, reading.sender))
    else take(reading, end - start > maxLineBytes ? null : bytes.subarray(start, end), events)
    start = end + 1
  }
}

const hold = (reading: Reading, part: Uint8Array): void => {
  reading.heldBytes += part.length
  if (reading.heldBytes > maxLineBytes) reading.held = []
  // What is kept is copied: the chunk that it came in is large, and not ours for long.
  else if (reading.held.push(Uint8Array.from(part)) > maxHeldParts) reading.held = [Buffer.concat(reading.held)]
}

/** null for a line that was longer than any record may be; it was not kept. */
const finish = (reading: Reading, end: Uint8Array): Uint8Array | null => {
  const { held, heldBytes } = reading
  reading.held = []
  reading.heldBytes = 0
  reading.line++
  return heldBytes + end.length > maxLineBytes ? null : Buffer.concat([...held, end])
}

/** The long way, which says what is wrong. An empty line is nobody's mistake. */
const take = (reading: Reading, bytes: Uint8Array | null, events: Array<CollectiveEvent>): void => {
  const { tally, line } = reading
  if (bytes === null) return reject(tally, line, `the line is longer than ${maxLineBytes} bytes, which is the limit`)
  if (isBlank(bytes)) return
  const event = Either.flatMap(StrictJson.parse(bytes), (record) => Ccl.eventOf(record, reading.sender))
  if (Either.isRight(event)) events.push(event.right)
  else reject(tally, line, event.left)
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)

/** Whoever sends the rest again needs to know how far it came. */
const withCount = (problem: Problem, tally: CclTally): Problem =>
  new Problem({
    status: problem.status,
    kind: problem.kind,
    headers: problem.headers ?? {},
    detail: `${problem.detail} (${tally.accepted} records were taken before, ${tally.rejectedCount} were not)`,
  })
