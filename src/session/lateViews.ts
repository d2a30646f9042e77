// Views that are folded once somebody asks for one: an export, and whoever reads only events, need not wait for the fold.

import { Effect, Fiber, type Scope } from "effect"
import type { Views } from "../projections/Views.ts"

export const lateViews = <R>(
  folding: Effect.Effect<Views["Type"], never, R>,
): Effect.Effect<Views["Type"], never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    // Whoever asks first may go before it is done: the fold is nobody's own.
    const context = yield* Effect.context<R>()
    const started = yield* Effect.cached(Effect.forkIn(Effect.provide(folding, context), scope))
    const views = Effect.flatMap(started, Fiber.join)
    return {
      at: (moment) => Effect.flatMap(views, (folded) => folded.at(moment)),
      reached: (position) => Effect.flatMap(views, (folded) => folded.reached(position)),
      until: (holds) => Effect.flatMap(views, (folded) => folded.until(holds)),
    }
  })
