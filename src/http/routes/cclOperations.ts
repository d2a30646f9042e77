// GET /v1/ccl/operations: what each rank was in and when, read from the log itself, of which the fold keeps statistics only.

import { Effect, Either, Schema, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import * as coarse from "../../domain/collectives/coarse.ts"
import * as Collectives from "../../domain/collectives/Collectives.ts"
import { type Placed, tellHeld, watching } from "../../domain/collectives/placed.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { collectives } from "../../projections/collectives.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { type View, Views } from "../../projections/Views.ts"
import { CoarseOperationsAnswer, coarseAnswer, OperationsAnswer, operationRow } from "../../wire/verdict.ts"
import { positionHeader, viewAsked } from "../moments.ts"
import { momentParameter } from "../parametersOf.ts"
import type { Problem } from "../Problem.ts"
import { badRequest, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { communicatorOf, communicatorParameter } from "./cclQueries.ts"
import { momentOf, positionOf, wholeNumber } from "./range.ts"

/** Without a beginning, an answer reaches back so many positions. */
const defaultReach = 20_000
/** Records folded for one answer: a few seconds' worth. The rest is asked for with the cursor. */
const maxFolded = 1_000_000
const maxPlaces = 200_000
/** Records taken in one go before other work gets its turn. */
const slice = 512

export const cclOperations: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/ccl/operations",
    role: "viewer",
    errors: "problem",
    tag: "collectives",
    summary:
      "Collectives and transfers with each rank's start, end and wait, on one clock; with a resolution, in slices.",
    response: Schema.Union(OperationsAnswer, CoarseOperationsAnswer),
    parameters: [
      {
        name: "from",
        description:
          "Position, ISO 8601 time or span back (-10m) of the first record; default the latest 20,000 events",
      },
      { name: "to", description: "The same of the last record; default the last written" },
      communicatorParameter,
      { name: "limit", description: "Ends after about so many operations, 1 to 10000; default 1000" },
      momentParameter,
      { name: "cursor", description: "`next` of the answer before: goes on from there" },
      {
        name: "resolution",
        description: "Seconds a slice (0.001 to 86400): counts, busy time and worst wait instead of single operations",
      },
    ],
    answer: (request) => operations(request),
  },
]

interface Asked {
  readonly view: View
  readonly communicator: string | null
  readonly from: Position
  readonly to: Position
}

const operations = Effect.fn("GET /v1/ccl/operations")(function* (request: RouteRequest) {
  const view = yield* viewAsked(request)
  const resolution = yield* resolutionOf(request)
  const from = yield* momentOf(request, "from")
  const to = yield* momentOf(request, "to")
  const last = Math.min(view.position, to === null ? view.position : yield* positionOf(to, "to"))
  const first = from === null ? last - defaultReach : yield* positionOf(from, "from")
  const asked: Asked = {
    view,
    communicator: yield* communicatorOf(request, view),
    from: Position(Math.max(1, first)),
    to: Position(last),
  }
  const body = yield* resolution === null ? onebyOne(request, asked) : inSlices(asked, resolution)
  return { status: 200, headers: { [positionHeader]: String(view.position) }, body }
})

const onebyOne = (request: RouteRequest, asked: Asked) =>
  Effect.gen(function* () {
    const { view, from, to, communicator } = asked
    const limit = yield* wholeNumber(request, "limit", { fallback: 1000, least: 1, most: 10_000 })
    const cursor = yield* wholeNumber(request, "cursor", { fallback: 0, least: 0, most: 1e15 })
    const after = Math.max(from - 1, cursor)
    const found: Array<Placed> = []
    const tell = (placed: Placed) => {
      if (placed.lastPosition >= from && (communicator === null || placed.communicator.id === communicator))
        found.push(placed)
    }
    const state = yield* stateAt(Position(after))
    const watch = watching(tell)
    let next = after
    let folded = 0
    yield* records(Position(after + 1), to, (envelope) => {
      Collectives.evolve(state, envelope, watch)
      next = envelope.position
      folded += 1
      return found.length < limit && folded < maxFolded
    })
    const over = found.length < limit && folded < maxFolded
    if (over) tellHeld(state, tell)
    const answer: typeof OperationsAnswer.Type = {
      position: view.position,
      from,
      to,
      next: over ? null : next,
      operations: found.map(operationRow),
    }
    return answer
  })

const inSlices = (asked: Asked, micros: number) =>
  Effect.gen(function* () {
    const { view, from, to, communicator } = asked
    const state = view.state(collectives)
    const found = coarse.make()
    let slices: { readonly first: number; readonly micros: number } | null = null
    yield* records(from, to, (envelope) => {
      slices ??= { first: micros * Math.floor(envelope.at / micros), micros }
      coarse.take(found, state, envelope, slices, communicator)
      return found.places <= maxPlaces
    })
    if (found.places > maxPlaces) {
      return yield* badRequest(
        `at ${micros / 1e6} s a slice the range holds more than ${maxPlaces}; ask for a coarser resolution, a shorter range or one communicator`,
        "too-fine",
      )
    }
    coarse.finish(found)
    return coarseAnswer(found, slices ?? { first: 0, micros }, { position: view.position, from, to })
  })

/** Hands out collectives' records until it is told to stop; other work gets its turn between. */
const records = (from: Position, to: Position, take: (envelope: Envelope) => boolean) =>
  Effect.flatMap(LogReader, (reader) =>
    reader.read({ from, to, kinds: ["collective"] }).pipe(
      Stream.runForEachWhile((chunk) =>
        Effect.gen(function* () {
          for (let start = 0; start < chunk.length; start += slice) {
            for (const envelope of chunk.slice(start, start + slice)) if (!take(envelope)) return false
            yield* Effect.yieldNow()
          }
          return true
        }),
      ),
      Effect.mapError(ofReading),
    ),
  )

/** Our own copy: it is folded on. A log that begins later is folded from its beginning. */
const stateAt = (position: Position) =>
  Effect.gen(function* () {
    const { first } = yield* (yield* LogReader).source
    if (position < first) return Collectives.initial()
    const view = yield* (yield* Views).at({ _tag: "AtPosition", position }).pipe(Effect.mapError(ofReading))
    return Collectives.copy(view.state(collectives))
  })

const resolutionOf = (request: RouteRequest): Either.Either<number | null, Problem> => {
  const text = request.query.get("resolution")
  if (text === null || text === "") return Either.right(null)
  const seconds = /^\d{1,5}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  return seconds >= 0.001 && seconds <= 86_400
    ? Either.right(Math.round(seconds * 1e6))
    : Either.left(
        badRequest(
          `resolution is ${JSON.stringify(text.slice(0, 40))}; it takes seconds from 0.001 to 86400, such as 0.5`,
        ),
      )
}
