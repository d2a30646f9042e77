// /v1/alerts: what stands and what was cleared; /v1/alerts/rules: what is watched, added and removed.

import { Effect, Either } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { read } from "../../domain/alerts/readRule.ts"
import type { AlertEvent } from "../../domain/events/AlertEvents.ts"
import { now } from "../../domain/Moment.ts"
import { alerts } from "../../projections/alerts.ts"
import { type View, Views } from "../../projections/Views.ts"
import { alertAnswer, AlertsAnswer, RuleBody, ruleAnswer, RulesAnswer } from "../../wire/alerts.ts"
import { Problem } from "../Problem.ts"
import { badRequest, ofCommandError, ofReading } from "../problems.ts"
import type { Route, RouteRequest } from "../Route.ts"

const common = { errors: "problem", tag: "alerts" } as const
const query = { ...common, _tag: "Query", method: "GET", role: "viewer" } as const
const command = { ...common, _tag: "Effect", role: "admin" } as const

/** Each is looked at with every sample of every process that it is about. */
const mostRules = 500

export const alertRoutes: ReadonlyArray<Route> = [
  {
    ...query,
    path: "/v1/alerts",
    summary: "The alerts that stand, and the latest that were cleared.",
    response: AlertsAnswer,
    answer: (_, view) => ({ status: 200, body: alertsAnswer(view) }),
  },
  {
    ...query,
    path: "/v1/alerts/rules",
    summary: "What is watched, and by which rule.",
    response: RulesAnswer,
    answer: (_, view) => ({ status: 200, body: rulesAnswer(view) }),
  },
  {
    ...command,
    method: "POST",
    path: "/v1/alerts/rules",
    summary: "Adds a rule, or puts it in place of the one of its name.",
    requestBody: RuleBody,
    response: RulesAnswer,
    answer: (request) => define(request),
  },
  {
    ...command,
    method: "DELETE",
    path: "/v1/alerts/rules/:name",
    summary: "Removes a rule, a built-in one too; what it had raised is cleared.",
    response: RulesAnswer,
    answer: (request) => remove(request),
  },
]

const alertsAnswer = (view: View): AlertsAnswer => {
  const { raised, ended } = view.state(alerts)
  return {
    position: view.position,
    active: Array.from(raised.values(), alertAnswer).reverse(),
    ended: ended.map(alertAnswer).reverse(),
  }
}

const rulesAnswer = (view: View): RulesAnswer => ({
  position: view.position,
  rules: Array.from(view.state(alerts).rules.values(), ({ rule, source }) => ruleAnswer(rule, source)),
})

const define = Effect.fn("POST /v1/alerts/rules")(function* (request: RouteRequest) {
  const rule = read(request.body)
  if (Either.isLeft(rule)) return yield* badRequest(rule.left, "bad-rule")
  const { rules } = (yield* present).state(alerts)
  if (rules.size >= mostRules && !rules.has(rule.right.name)) {
    return yield* new Problem({ status: 409, kind: "too-many-rules", detail: `there are ${mostRules} rules already` })
  }
  return yield* written(request, { _tag: "AlertRuleDefined", rule: rule.right, source: "request" }, 201)
})

const remove = Effect.fn("DELETE /v1/alerts/rules/:name")(function* (request: RouteRequest) {
  const name = request.params["name"] ?? ""
  if (!(yield* present).state(alerts).rules.has(name)) {
    const detail = `no rule has the name ${JSON.stringify(name.slice(0, 100))}; GET /v1/alerts/rules lists them`
    return yield* new Problem({ status: 404, kind: "rule-not-found", detail })
  }
  return yield* written(request, { _tag: "AlertRuleRemoved", name }, 200)
})

const present = Effect.flatMap(Views, (views) => Effect.mapError(views.at(now), ofReading))

const written = (request: RouteRequest, event: AlertEvent, status: number) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    const { position } = yield* Effect.mapError(commands.record([event], request.caller), ofCommandError)
    const view = yield* Effect.mapError(views.reached(position), ofReading)
    return { status, body: rulesAnswer(view) }
  })
