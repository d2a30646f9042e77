// Restarts or stops the process that an alert is about, where its rule says so: once an alert, however often the agent starts.

import { Effect, Layer, Schedule } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { CommandId, ProcessId } from "../../domain/Brands.ts"
import type { Alert } from "../../domain/alerts/Alerts.ts"
import { alerts } from "../../projections/alerts.ts"
import { type View, Views } from "../../projections/Views.ts"

const graceMillis = 10_000
const againMillis = 1000

/** Never ends. */
export const run: Effect.Effect<never, never, Commands | Views> = Effect.gen(function* () {
  const views = yield* Views
  let done = 0
  // What was cleared again before anybody looked is acted on as well, but not what was cleared before the agent came.
  const { position: begin } = yield* present
  const open = (view: View) => {
    const { raised, ended } = view.state(alerts)
    return [
      ...Array.from(raised.values()).filter(({ action, position }) => action !== "none" && position > done),
      ...ended.filter(({ action, position }) => action !== "none" && position > Math.max(done, begin)),
    ]
  }
  const round = Effect.gen(function* () {
    const found = open(yield* views.until((view) => open(view).length > 0))
    yield* Effect.forEach(found, act, { discard: true })
    done = Math.max(...found.map(({ position }) => position))
  })
  return yield* round.pipe(
    Effect.catchAll((error) =>
      Effect.logDebug(`actions of alerts wait: ${error.message}`).pipe(Effect.zipRight(Effect.sleep(againMillis))),
    ),
    Effect.forever,
  )
})

const present: Effect.Effect<View, never, Views> = Effect.flatMap(Views, (views) => views.until(() => true)).pipe(
  Effect.retry(Schedule.spaced(againMillis)),
  Effect.orDie,
)

export const layer: Layer.Layer<never, never, Commands | Views> = Layer.scopedDiscard(Effect.forkScoped(run))

/** The command's id is the alert's: the log takes it once. A process that has ended meanwhile needs nothing. */
const act = Effect.fn("AlertActions.act")(function* ({ action, position, subject, rule }: Alert) {
  const commands = yield* Commands
  const asked = { id: CommandId(`alert-${position}`), process: ProcessId(subject), signal: "SIGTERM", graceMillis }
  yield* commands
    .submit({ _tag: action === "restart" ? "RestartProcess" : "StopProcess", ...asked }, { actor: `alert:${rule}` })
    .pipe(
      Effect.catchTags({
        ProcessNotFound: () => Effect.void,
        ProcessNotRunning: () => Effect.void,
        ProcessAlreadyRunning: () => Effect.void,
        ProcessStillRunning: () => Effect.void,
        DependencyCycle: () => Effect.void,
      }),
    )
})
