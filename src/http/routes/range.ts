// Which stretch of the log a route is asked for: `from`, `to` and the types of events, each refused with what would be right.

import { Effect, Either } from "effect"
import { Position } from "../../domain/Brands.ts"
import * as Moment from "../../domain/Moment.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { Views } from "../../projections/Views.ts"
import type { Problem } from "../Problem.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { RouteRequest } from "../Route.ts"

/** null when the parameter is not there. */
export const momentOf = (request: RouteRequest, name: "from" | "to"): Either.Either<Moment.Moment | null, Problem> => {
  const text = request.query.get(name)
  if (text === null || text === "") return Either.right(null)
  // A plus sign that was not percent-encoded arrives as a space; no moment holds a space of its own.
  return Either.mapLeft(Moment.parse(text.replace(" ", "+")), (reason) =>
    badRequest(reason.replace(/^at /, `${name} `), "bad-moment"),
  )
}

/** A time means the first event at or after it as a beginning, and the last at or before it as an end. */
export const positionOf = (
  moment: Moment.Moment,
  end: "from" | "to",
): Effect.Effect<Position, Problem, LogReader | Views> =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    if (moment._tag === "AtPosition") return moment.position
    const present = yield* Effect.flatMap(Views, (views) => views.at(Moment.now)).pipe(Effect.mapError(ofReading))
    if (moment._tag === "Now") return Position(end === "from" ? present.position + 1 : present.position)
    const micros = moment._tag === "AtTime" ? moment.micros : present.at - moment.micros
    const found = yield* reader.positionAt(end === "from" ? micros - 1 : micros).pipe(Effect.mapError(ofReading))
    return end === "from" ? Position(found + 1) : found
  })

/** null means every type. Types that this build does not know may be asked for: a newer writer's events are kept. */
export const typesOf = (request: RouteRequest): Either.Either<ReadonlySet<string> | null, Problem> => {
  const text = request.query.get("types")
  if (text === null || text === "") return Either.right(null)
  const types = text.split(",").map((type) => type.trim())
  const odd = types.find((type) => !/^[A-Za-z]\w{0,79}$/.test(type))
  return odd === undefined
    ? Either.right(new Set(types))
    : Either.left(
        badRequest(
          `types holds ${JSON.stringify(odd.slice(0, 80))}; it takes names of events with commas between: ProcessBooted,ProcessExited`,
        ),
      )
}

export const wholeNumber = (
  request: RouteRequest,
  name: string,
  bounds: { readonly fallback: number; readonly least: number; readonly most: number },
): Either.Either<number, Problem> => {
  const text = request.query.get(name)
  if (text === null || text === "") return Either.right(bounds.fallback)
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return value >= bounds.least && value <= bounds.most
    ? Either.right(value)
    : Either.left(
        badRequest(
          `${name} is ${JSON.stringify(text.slice(0, 40))}; it takes a whole number from ${bounds.least} to ${bounds.most}`,
        ),
      )
}

export const flag = (request: RouteRequest, name: string): Either.Either<boolean, Problem> => {
  const text = request.query.get(name)
  if (text === null || text === "false" || text === "0") return Either.right(false)
  if (text === "" || text === "true" || text === "1") return Either.right(true)
  return Either.left(badRequest(`${name} is ${JSON.stringify(text.slice(0, 40))}; it takes true or false`))
}
