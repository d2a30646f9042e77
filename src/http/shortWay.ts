// The way of one plain record through the door: the same rules and the same answers as for every request, without a fiber. A request
// about which anything is in doubt is left to the long way, so that nothing is refused here.

import { Cause, Effect, Exit, Option } from "effect"
import { contentFault, maxBodyBytes } from "./door/bodies.ts"
import type { Door } from "./door/Door.ts"
import type { RecordLone } from "./gathered.ts"
import type { IncomingRequest, Reply } from "./IncomingRequest.ts"
import { Problem } from "./Problem.ts"
import { answerOf, ofCommandError } from "./problems.ts"
import { replyOf } from "./replies.ts"
import { allows } from "./Role.ts"
import type { EffectRoute, RouteCaller, ShortWay } from "./Route.ts"
import type { RouteTable } from "./RouteTable.ts"

export interface Outcome {
  readonly reply: (reply: Reply) => void
  /** The body turned out to need the long way; it was read. */
  readonly doubted: (body: Uint8Array | Problem) => void
  /** A defect of ours. */
  readonly broken: () => void
}

/** False where the request is none for the short way; then nothing of it was touched. */
export type TakeShortWay = (request: IncomingRequest, outcome: Outcome) => boolean

const json = ["application/json"]

export const make = (table: RouteTable, door: Door, recordLone: RecordLone): TakeShortWay => {
  const admitted = (request: IncomingRequest, route: EffectRoute): RouteCaller | null => {
    if (door.entrance(request) !== null || door.crossOrigin(request) !== null) return null
    const caller = door.callerOf(request)
    return Effect.isEffect(caller) || !allows(caller.role, route.role) ? null : caller
  }

  const record = (request: IncomingRequest, route: EffectRoute, way: ShortWay, caller: RouteCaller, outcome: Outcome) =>
    request.body.whole?.(maxBodyBytes, (body) => {
      const event = body instanceof Problem ? null : way.eventIn(body, caller)
      if (event === null) return outcome.doubted(body)
      recordLone(event, caller, (exit) => {
        if (Exit.isSuccess(exit)) return outcome.reply(replyOf(request, way.taken, null))
        const error = Option.getOrNull(Cause.failureOption(exit.cause))
        if (error === null) outcome.broken()
        else outcome.reply(replyOf(request, answerOf(ofCommandError(error), route.errors), null))
      })
    })

  return (request, outcome) => {
    const found = table.find(request.method, request.target)
    if (found._tag !== "Route" || found.route._tag !== "Effect" || request.body.whole === undefined) return false
    const { route } = found
    if (route.shortWay === undefined || contentFault(request.headers, json) !== null) return false
    const caller = admitted(request, route)
    if (caller === null) return false
    record(request, route, route.shortWay, caller, outcome)
    return true
  }
}
