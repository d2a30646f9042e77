// POST /log_ccl: what the ranks of a job report, one record, an array or a stream of lines; durable before it is answered.

import { Effect, Either } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import * as Ccl from "../../wire/ccl.ts"
import { CclAnswer, CclRecord } from "../../wire/cclAnswers.ts"
import { badJson, contentFault, maxBodyBytes } from "../door/bodies.ts"
import * as StrictJson from "../door/StrictJson.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import { constant } from "../replies.ts"
import type { Answer, Route, RouteCaller, RouteRequest } from "../Route.ts"
import { takeLines } from "./cclLines.ts"
import { newTally, recordAll, reject, senderOf, tallied } from "./cclTally.ts"

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

/** The way of nearly every request here: no more steps than it needs. */
const takeOne = (record: unknown, caller: RouteCaller): Effect.Effect<Answer, Problem, Commands> =>
  Effect.flatMap(senderOf([record], caller), (sender) => {
    const event = Ccl.eventOf(record, sender)
    return Either.isLeft(event)
      ? badRequest(event.left, "bad-record")
      : Effect.as(recordAll([event.right], caller), logged)
  })

const logged = constant({ status: 200, body: { message: "Log processed" } })

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
