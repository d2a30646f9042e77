// NDJSON of any length at POST /log_ccl: read as fast as the log takes it, a bad line never losing the good ones.

import { Effect, Either, Stream } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import * as Ccl from "../../wire/ccl.ts"
import { maxBodyBytes } from "../door/bodies.ts"
import * as StrictJson from "../door/StrictJson.ts"
import { Problem } from "../Problem.ts"
import type { Answer, RouteCaller, RouteRequest } from "../Route.ts"
import { type CclTally, newTally, recordAll, reject, senderOf, tallied } from "./cclTally.ts"

/** Events handed to the log at once: large enough to share a sync, small enough for other work to get its turn. */
const maxBatch = 1024
const maxLineBytes = maxBodyBytes
/** A sender may cut a line into single bytes; each part kept costs far more than its bytes. */
const maxHeldParts = 256
const newline = 0x0a

interface Reading {
  readonly tally: CclTally
  /** The beginning of a line whose end has not come yet. */
  held: Array<Uint8Array>
  heldBytes: number
  line: number
}

export const takeLines = (request: RouteRequest): Effect.Effect<Answer, Problem, Commands> =>
  Effect.suspend(() => {
    const reading: Reading = {
      tally: newTally(),
      held: [],
      heldBytes: 0,
      line: 0,
    }
    return request.raw.pipe(
      Stream.runForEach((chunk) => takeAll(linesIn(reading, chunk), reading, request.caller)),
      Effect.zipRight(Effect.suspend(() => takeAll(lastLine(reading), reading, request.caller))),
      Effect.mapError((problem) => withCount(problem, reading.tally)),
      Effect.map(() => tallied(reading.tally)),
    )
  })

interface Line {
  readonly number: number
  /** null for a line that was longer than any record may be; it was not kept. */
  readonly bytes: Uint8Array | null
}

/** The lines that end in this chunk. */
const linesIn = (reading: Reading, chunk: Uint8Array): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  let start = 0
  for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
    lines.push(finish(reading, chunk.subarray(start, end)))
    start = end + 1
  }
  if (start < chunk.length) hold(reading, chunk.subarray(start))
  return lines
}

const lastLine = (reading: Reading): ReadonlyArray<Line> =>
  reading.heldBytes === 0 ? [] : [finish(reading, new Uint8Array(0))]

const hold = (reading: Reading, part: Uint8Array): void => {
  reading.heldBytes += part.length
  if (reading.heldBytes > maxLineBytes) reading.held = []
  else if (reading.held.push(part) > maxHeldParts) reading.held = [Buffer.concat(reading.held)]
}

const finish = (reading: Reading, end: Uint8Array): Line => {
  const { held, heldBytes } = reading
  reading.held = []
  reading.heldBytes = 0
  reading.line++
  if (heldBytes + end.length > maxLineBytes) return { number: reading.line, bytes: null }
  return { number: reading.line, bytes: heldBytes === 0 ? end : Buffer.concat([...held, end]) }
}

const takeAll = (
  lines: ReadonlyArray<Line>,
  reading: Reading,
  caller: RouteCaller,
): Effect.Effect<void, Problem, Commands> =>
  Effect.gen(function* () {
    for (let start = 0; start < lines.length; start += maxBatch) {
      yield* takeSome(lines.slice(start, start + maxBatch), reading.tally, caller)
    }
  })

const takeSome = (
  lines: ReadonlyArray<Line>,
  tally: CclTally,
  caller: RouteCaller,
): Effect.Effect<void, Problem, Commands> => {
  const records: Array<{ readonly line: number; readonly record: unknown }> = []
  for (const line of lines) {
    const parsed = parse(line)
    if (parsed === null) continue
    if (Either.isLeft(parsed)) reject(tally, line.number, parsed.left)
    else records.push({ line: line.number, record: parsed.right })
  }
  return Effect.flatMap(
    senderOf(
      records.map(({ record }) => record),
      caller,
    ),
    (sender) => {
      const events: Array<CollectiveEvent> = []
      for (const { line, record } of records) {
        const event = Ccl.eventOf(record, sender)
        if (Either.isRight(event)) events.push(event.right)
        else reject(tally, line, event.left)
      }
      return Effect.map(recordAll(events, caller), () => {
        tally.accepted += events.length
      })
    },
  )
}

/** null for an empty line, which is nobody's mistake. */
const parse = ({ bytes }: Line): Either.Either<unknown, string> | null => {
  if (bytes === null) return Either.left(`the line is longer than ${maxLineBytes} bytes, which is the limit`)
  if (isBlank(bytes)) return null
  return StrictJson.parse(bytes)
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
