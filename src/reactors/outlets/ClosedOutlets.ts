// Says of the outlets that an agent is started without that nothing is owed to them any more.

import { Effect, Layer } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { OutletName } from "../../domain/events/OutletEvents.ts"
import { now } from "../../domain/Moment.ts"
import { outlets } from "../../projections/outlets.ts"
import { Views } from "../../projections/Views.ts"

export const layer = (off: ReadonlyArray<OutletName>) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const commands = yield* Commands
      const views = yield* Views
      const known = (yield* views.at(now)).state(outlets)
      const closed = off.filter((name) => known.has(name))
      if (closed.length > 0)
        yield* commands.record(
          closed.map((outlet) => ({ _tag: "OutletClosed" as const, outlet })),
          { actor: "agent" },
        )
    }),
  )
