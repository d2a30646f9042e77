// Writes down that an alert stands, or does not any more: judged on what is committed, so that a restart neither repeats nor forgets one.

import { Effect, Layer } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { dueBy } from "../../domain/alerts/verdicts.ts"
import { judge } from "../../domain/collectives/judge.ts"
import { alerts } from "../../projections/alerts.ts"
import { collectives } from "../../projections/collectives.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import { type View, Views } from "../../projections/Views.ts"

/** While the log takes nothing, or cannot be read, it is tried again after this long. */
const againMillis = 1000

/** Never ends. */
export const run: Effect.Effect<never, never, Commands | Views> = Effect.gen(function* () {
  const commands = yield* Commands
  const views = yield* Views
  // The verdicts ripen by the tick, and are looked at once for each.
  let judged = 0
  const isDue = (view: View) => {
    const { due, tickedAt } = view.state(alerts)
    return due.length > 0 || tickedAt > judged
  }
  const round = Effect.gen(function* () {
    const view = yield* views.until(isDue)
    const state = view.state(alerts)
    const verdicts = state.tickedAt > judged ? dueBy(state, judge(known(view), view.at)) : []
    const { tickedAt } = state
    const events = [...state.due, ...verdicts]
    if (events.length > 0) {
      const { position } = yield* commands.record(events, { actor: "agent" })
      yield* views.reached(position)
    }
    judged = tickedAt
  })
  return yield* round.pipe(
    Effect.catchAll((error) =>
      Effect.logDebug(`alerts wait: ${error.reason}`).pipe(Effect.zipRight(Effect.sleep(againMillis))),
    ),
    Effect.forever,
  )
})

export const layer: Layer.Layer<never, never, Commands | Views> = Layer.scopedDiscard(Effect.forkScoped(run))

const known = (view: View) => ({
  collectives: view.state(collectives),
  processes: view.state(processes),
  samples: view.state(samples),
})
