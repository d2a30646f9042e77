// Whether the agent lives, and whether it takes work: for whoever restarts it or sends it traffic, without credentials.

import { Effect, Stream } from "effect"
import { now } from "../../domain/Moment.ts"
import { LogReader } from "../../projections/LogReader.ts"
import { alerts } from "../../projections/alerts.ts"
import { Views } from "../../projections/Views.ts"
import { ofReading } from "../problems.ts"
import type { Route } from "../Route.ts"
import { Problem } from "../Problem.ts"

const common = { _tag: "Effect", method: "GET", role: "anyone", errors: "problem", tag: "agent" } as const

const pass = { status: 200, body: { status: "pass" } } as const

/** A log that takes nothing for longer than this is not ready, whatever it will say later. */
const patienceMillis = 2000

export const healthRoutes: ReadonlyArray<Route> = [
  {
    ...common,
    path: "/v1/health/live",
    summary: "200 as long as the program answers at all.",
    answer: () => Effect.succeed(pass),
  },
  {
    ...common,
    path: "/v1/health/ready",
    summary:
      "200 when questions can be answered and the log takes events, with the reasons where a part of the agent is degraded; 503 with the reason otherwise.",
    answer: () => ready,
  },
]

/** A log that has failed a write takes neither events nor questions until it is open again, so that reading it tells both. */
const ready = Effect.gen(function* () {
  const views = yield* Views
  const reader = yield* LogReader
  const view = yield* Effect.mapError(views.at(now), ofReading)
  const { head } = yield* reader.source
  if (head > 0) yield* reader.read({ from: head, to: head }).pipe(Stream.runDrain, Effect.mapError(ofReading))
  const { faults } = view.state(alerts)
  if (faults.size === 0) return pass
  return { status: 200, body: { status: "degraded", reasons: Array.from(faults.values(), ({ sentence }) => sentence) } }
}).pipe(
  Effect.timeoutFail({
    duration: patienceMillis,
    onTimeout: () =>
      new Problem({
        status: 503,
        kind: "unavailable",
        detail: `the log did not answer within ${patienceMillis / 1000} s`,
        headers: { "retry-after": "5" },
      }),
  }),
)
