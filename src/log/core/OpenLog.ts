// All that an open log offers, over any driver.

import { Context, Effect } from "effect"
import { Checkpoints } from "../Checkpoints.ts"
import { EventLog } from "../EventLog.ts"
import { LogUpkeep } from "../LogUpkeep.ts"
import { Rollups } from "../Rollups.ts"
import * as Upkeep from "../verify/Upkeep.ts"
import type { LogCore } from "./LogCore.ts"
import * as StoredCheckpoints from "./StoredCheckpoints.ts"
import * as StoredRollups from "./StoredRollups.ts"

export type OpenLog = EventLog | Checkpoints | Rollups | LogUpkeep

export const contextOf = (core: LogCore): Effect.Effect<Context.Context<OpenLog>> =>
  Effect.map(Upkeep.make(core), (upkeep) =>
    Context.make(EventLog, core.log).pipe(
      Context.add(Checkpoints, StoredCheckpoints.make(core)),
      Context.add(Rollups, StoredRollups.make(core)),
      Context.add(LogUpkeep, upkeep),
    ),
  )
