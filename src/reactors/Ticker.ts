// Lets time pass in the log: one Ticked a second while something is in flight, so that what ripens with time can be judged later too.

import { Effect, Layer } from "effect"
import { Commands } from "../commands/Commands.ts"
import { now } from "../domain/Moment.ts"
import { type View, Views } from "../projections/Views.ts"

export const tickMillis = 1000
/** While the views cannot be read nothing is told; asked again after this long. */
const blindMillis = 5000

const caller = { actor: "agent" }

/** Never ends. While nothing is in flight it waits for the commit that changes that, and costs nothing. */
export const run = (inFlight: (view: View) => boolean): Effect.Effect<never, never, Commands | Views> =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    yield* views.until(inFlight)
    yield* Effect.sleep(tickMillis)
    const view = yield* views.at(now)
    if (inFlight(view)) yield* commands.observe([{ _tag: "Ticked" }], caller)
  }).pipe(
    Effect.catchAll((error) =>
      Effect.logDebug(`no tick: ${error.reason}`).pipe(Effect.zipRight(Effect.sleep(blindMillis))),
    ),
    Effect.forever,
  )

export const layer = (inFlight: (view: View) => boolean): Layer.Layer<never, never, Commands | Views> =>
  Layer.scopedDiscard(Effect.forkScoped(run(inFlight)))
