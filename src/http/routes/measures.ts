// Measures: GET /v1/measures shows the latest of each, POST /v1/metrics/custom takes a process's own.

import { Clock, Effect, Either, ParseResult, Schema } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { Measure } from "../../domain/events/MeasureEvents.ts"
import { isoTime, now } from "../../domain/Moment.ts"
import { byPid, isAlive } from "../../domain/processes/Processes.ts"
import { custom, rateOf } from "../../domain/samples/Measures.ts"
import { measures } from "../../projections/measures.ts"
import { processes } from "../../projections/processes.ts"
import { Views } from "../../projections/Views.ts"
import { CustomAnswer, CustomMetrics, MeasuresAnswer } from "../../wire/measures.ts"
import { badRequest, ofCommandError, ofReading } from "../problems.ts"
import type { Route, RouteCaller, RouteRequest } from "../Route.ts"

const common = { role: "viewer", errors: "problem", tag: "monitor" } as const

export const measureRoutes: ReadonlyArray<Route> = [
  {
    ...common,
    _tag: "Query",
    method: "GET",
    path: "/v1/measures",
    summary: "The latest of every number that collectors and processes measured, with the rate of what counts.",
    parameters: [{ name: "collector", description: "Of one collector alone; custom for what processes reported" }],
    response: MeasuresAnswer,
    answer: (request, view) => {
      const collector = request.query.get("collector")
      const all = Array.from(view.state(measures).values())
      const asked = collector === null ? all : all.filter((one) => one.collector === collector)
      const body: MeasuresAnswer = {
        position: view.position,
        measures: asked.map((one) => ({
          name: one.measure.name,
          kind: one.measure.kind,
          labels: one.measure.labels,
          value: one.last.value,
          rate: rateOf(one),
          collector: one.collector,
          at: isoTime(one.at),
        })),
      }
      return { status: 200, body }
    },
  },
  {
    ...common,
    _tag: "Effect",
    method: "POST",
    path: "/v1/metrics/custom",
    summary: "Takes gauges and counters that a process reports of its run.",
    requestBody: CustomMetrics,
    response: CustomAnswer,
    answer: (request) => report(request),
  },
]

const decode = Schema.decodeUnknownEither(CustomMetrics, { onExcessProperty: "error" })

const report = Effect.fn("POST /v1/metrics/custom")(function* ({ body, caller }: RouteRequest) {
  const asked = decode(body ?? {})
  if (Either.isLeft(asked)) {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(asked.left)
    const where = issue?.path.map(String).join(".") ?? ""
    return yield* badRequest(
      `${where === "" ? "the body" : where.slice(0, 100)}: ${(issue?.message ?? "").slice(0, 300)}; ` +
        '{"run": "train-7", "gauges": {"loss": 0.25}, "counters": {"steps_total": 100}} would be right',
      "bad-measures",
    )
  }
  const { run = yield* runOf(caller), labels, gauges = {}, counters = {} } = asked.right
  const told = [
    ...measuresOf("gauge", gauges, { run, ...labels }),
    ...measuresOf("counter", counters, { run, ...labels }),
  ]
  if (told.length === 0) return yield* badRequest("it holds no numbers; gauges and counters do", "bad-measures")
  const commands = yield* Commands
  const takenMicros = Number((yield* Clock.currentTimeNanos) / 1000n)
  const { position } = yield* commands
    .record([{ _tag: "MeasuresTaken", collector: custom, takenMicros, measures: told }], { actor: caller.actor })
    .pipe(Effect.mapError(ofCommandError))
  return { status: 200, body: { accepted: told.length, run, position } }
})

const measuresOf = (
  kind: Measure["kind"],
  values: Readonly<Record<string, number>>,
  labels: Readonly<Record<string, string>>,
): ReadonlyArray<Measure> => Object.entries(values).map(([name, value]) => ({ name, kind, labels, value }))

/** The managed process that reports; of another its pid, of one from afar its address. */
const runOf = Effect.fn("measures.runOf")(function* (caller: RouteCaller) {
  const pid = yield* caller.peerPid
  if (pid === null) return caller.peer
  const views = yield* Views
  const view = yield* Effect.mapError(views.at(now), ofReading)
  const managed = byPid(view.state(processes), pid)
  return managed !== null && isAlive(managed) ? managed.id : `pid:${pid}`
})
