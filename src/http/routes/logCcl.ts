// POST /log_ccl: what the ranks of a job report, one record, an array or a stream of lines; durable before it is answered.

import { isAscii } from "node:buffer"
import { Effect, Either } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import * as Ccl from "../../wire/ccl.ts"
import { fieldsOf } from "../../wire/cclText.ts"
import { CclAnswer, CclRecord } from "../../wire/cclAnswers.ts"
import { badJson, contentFault, maxBodyBytes } from "../door/bodies.ts"
import * as StrictJson from "../door/StrictJson.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import { constant } from "../replies.ts"
import type { Answer, Route, RouteCaller, RouteRequest } from "../Route.ts"
import { takeLines } from "./cclLines.ts"
import { newTally, recordAll, reject, senderOf, tallied } from "./cclTally.ts"

const logged = constant({ status: 200, body: { message: "Log processed" } })

export const cclRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "POST",
    path: "/log_ccl",
    // Everybody local may report; from afar a token says who does.
    role: "viewer",
    errors: "error",
    tag: "collectives",
    summary: "Takes one record of a collective or transfer, a JSON array of them, or NDJSON of any length.",
    requestBody: CclRecord,
    response: CclAnswer,
    rawBody: true,
    answer: (request) => take(request),
    shortWay: { eventIn: (body, caller) => plainEvent(body, caller), taken: logged },
  },
]

const ndjson = "application/x-ndjson"
const accepted: ReadonlyArray<string> = ["application/json", ndjson]

const take = (request: RouteRequest): Effect.Effect<Answer, Problem, Commands> => {
  const fault = contentFault(request.headers, accepted)
  if (fault !== null) return fault
  if (request.headers["content-type"]?.toLowerCase().startsWith(ndjson)) return takeLines(request)
  return Effect.flatMap(request.bytes(maxBodyBytes), (bytes) => {
    const json = StrictJson.parse(bytes)
    if (Either.isLeft(json)) return badJson(json.left)
    return Array.isArray(json.right)
      ? takeArray(json.right as ReadonlyArray<unknown>, request.caller)
      : takeOne(json.right, request.caller)
  })
}

/** A record that names its reporter, written plainly. */
const plainEvent = (body: Uint8Array, caller: RouteCaller): CollectiveEvent | null => {
  if (!isAscii(body)) return null
  const fields = fieldsOf(Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1"), 0, body.length)
  return fields !== null && Ccl.namesReporter(fields)
    ? Ccl.built(fields, { pid: null, host: null, address: caller.peer })
    : null
}

const takeOne = (record: unknown, caller: RouteCaller): Effect.Effect<Answer, Problem, Commands> =>
  Effect.flatMap(senderOf([record], caller), (sender) => {
    const event = Ccl.eventOf(record, sender)
    return Either.isLeft(event)
      ? badRequest(event.left, "bad-record")
      : Effect.as(recordAll([event.right], caller), logged)
  })

const takeArray = (records: ReadonlyArray<unknown>, caller: RouteCaller): Effect.Effect<Answer, Problem, Commands> =>
  Effect.flatMap(senderOf(records, caller), (sender) => {
    const tally = newTally()
    const events: Array<CollectiveEvent> = []
    for (const [index, record] of records.entries()) {
      const event = Ccl.eventOf(record, sender)
      if (Either.isRight(event)) events.push(event.right)
      else reject(tally, index + 1, event.left)
    }
    tally.accepted = events.length
    return Effect.as(recordAll(events, caller), tallied(tally))
  })
