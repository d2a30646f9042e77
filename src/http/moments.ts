// `?at=` on a question: which moment it is about, and the state at it.

import { Effect, Either } from "effect"
import * as Moment from "../domain/Moment.ts"
import { type View, Views } from "../projections/Views.ts"
import type { Problem } from "./Problem.ts"
import { badRequest, ofReading } from "./problems.ts"
import type { RouteRequest } from "./Route.ts"

/** The header that says which position an answer shows. */
export const positionHeader = "annalist-position"

export const viewAsked = (request: RouteRequest): Effect.Effect<View, Problem, Views> => {
  const at = request.query.get("at")
  // A plus sign that was not percent-encoded arrives as a space; no moment holds a space of its own.
  const moment = at === null ? Either.right(Moment.now) : Moment.parse(at.replace(" ", "+"))
  if (Either.isLeft(moment)) return Effect.fail(badRequest(moment.left, "bad-moment"))
  return Effect.flatMap(Views, (views) => Effect.mapError(views.at(moment.right), ofReading))
}
