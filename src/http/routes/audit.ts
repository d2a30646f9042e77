// GET /v1/audit: who did or was refused what. The same events as everywhere, only those that somebody answers for.

import { Effect, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { type EventTag, typeOf } from "../../domain/Event.ts"
import { kindsOfTypes } from "../../projections/kindsOfTypes.ts"
import { LogReader } from "../../projections/LogReader.ts"
import * as SessionLine from "../../wire/sessionLine.ts"
import { positionHeader, viewAsked } from "../moments.ts"
import { ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"
import { wholeNumber } from "./range.ts"

const answeredFor: ReadonlySet<string> = new Set<EventTag>([
  "AccessRefused",
  "RefusalsCounted",
  "CommandRefused",
  "ProcessBootRequested",
  "ProcessBooted",
  "ProcessBootFailed",
  "ProcessSignalRequested",
  "ProcessSignalled",
  "SignalRefused",
  "ProcessExited",
  "ProcessFlushed",
  "AlertRuleDefined",
  "AlertRuleRemoved",
  "HostProcessEndRequested",
  "HostProcessEnded",
])

/** The log is read backwards in stretches of this many positions, at most so many of them for one answer. */
const stretch = 20_000
const maxStretches = 10

export const auditRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Effect",
    method: "GET",
    path: "/v1/audit",
    role: "viewer",
    errors: "problem",
    tag: "log",
    summary: "Intent and outcome of every act on a process, and every refusal, with its actor; the latest first.",
    parameters: [
      { name: "limit", description: "At most so many entries, 1 to 1000; default 100" },
      { name: "at", description: "Entries up to this moment; go on before `searched_from` for older ones" },
    ],
    answer: (request) => audit(request),
  },
]

const audit = Effect.fn("GET /v1/audit")(function* (request: RouteRequest) {
  const reader = yield* LogReader
  const limit = yield* wholeNumber(request, "limit", { fallback: 100, least: 1, most: 1000 })
  const { position } = yield* viewAsked(request)
  const entries: Array<Envelope> = []
  let from: number = position + 1
  for (let looked = 0; looked < maxStretches && from > 1 && entries.length < limit; looked++) {
    const to = from - 1
    from = Math.max(1, to - stretch + 1)
    const found = yield* reader.read({ from: Position(from), to: Position(to), ...kindsOfTypes(answeredFor) }).pipe(
      Stream.map((envelopes) => envelopes.filter(({ event }) => answeredFor.has(typeOf(event)))),
      Stream.runFold([] as ReadonlyArray<Envelope>, (all, some) => (some.length === 0 ? all : [...all, ...some])),
      Effect.mapError(ofReading),
    )
    entries.push(...found.toReversed())
  }
  const shown = entries.slice(0, limit)
  const oldest = shown.length === limit ? (shown.at(-1)?.position ?? from) : from
  return {
    status: 200,
    headers: { [positionHeader]: String(position), "content-type": "application/json" },
    text: `{"position":${position},"searched_from":${Math.min(oldest, position)},"entries":[${shown.map(SessionLine.format).join(",")}]}`,
  }
})
