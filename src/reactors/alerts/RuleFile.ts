// The rules of the file become those of the log at each start: new and changed ones are defined, those that the file lost are removed.

import { readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { Data, Effect, Either, Layer } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { AlertRule } from "../../domain/alerts/AlertRule.ts"
import type { Alerts } from "../../domain/alerts/Alerts.ts"
import { read } from "../../domain/alerts/readRule.ts"
import type { AlertEvent } from "../../domain/events/AlertEvents.ts"
import { now } from "../../domain/Moment.ts"
import { alerts } from "../../projections/alerts.ts"
import { Views } from "../../projections/Views.ts"

export class RuleFileError extends Data.TaggedError("RuleFileError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** Without a file, the rules of an earlier one go. */
export const layer = (path: string | null) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const rules = path === null ? [] : yield* rulesOf(path)
      const commands = yield* Commands
      const views = yield* Views
      const events = changes((yield* views.at(now)).state(alerts), rules)
      if (events.length > 0) yield* commands.record(events, { actor: "file:alert-rules" })
    }),
  )

const changes = (state: Alerts, rules: ReadonlyArray<AlertRule>): ReadonlyArray<AlertEvent> => {
  const named = new Set(rules.map(({ name }) => name))
  const gone = Array.from(state.rules.values()).filter(({ source, rule }) => source === "file" && !named.has(rule.name))
  const changed = rules.filter((rule) => !isDeepStrictEqual(state.rules.get(rule.name)?.rule, rule))
  return [
    ...gone.map(({ rule }) => ({ _tag: "AlertRuleRemoved", name: rule.name }) as const),
    ...changed.map((rule) => ({ _tag: "AlertRuleDefined", rule, source: "file" }) as const),
  ]
}

const rulesOf = (path: string): Effect.Effect<ReadonlyArray<AlertRule>, RuleFileError> =>
  Effect.gen(function* () {
    const written = yield* Effect.try({
      try: (): unknown => JSON.parse(readFileSync(path, "utf8")),
      catch: (error) => new RuleFileError({ reason: `the alert rules in ${path} cannot be read: ${String(error)}` }),
    })
    if (!Array.isArray(written)) {
      return yield* new RuleFileError({ reason: `${path} is no list; it takes a JSON array of rules` })
    }
    return yield* Effect.forEach(written, (one: unknown, index) =>
      Either.mapLeft(read(one), (reason) => new RuleFileError({ reason: `rule ${index + 1} of ${path}: ${reason}` })),
    )
  })
