// Retention, backup and verification of a log that is open.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { LogCore } from "../core/LogCore.ts"
import * as Retention from "../core/Retention.ts"
import { LogDamaged } from "../EventLog.ts"
import type { Backup, LogUpkeep, RetentionPolicy } from "../LogUpkeep.ts"
import { inspect } from "./inspect.ts"
import { scrub } from "./scrub.ts"

export const make = (log: LogCore): Effect.Effect<typeof LogUpkeep.Service> =>
  Effect.gen(function* () {
    // Two retentions at once would take the same blocks.
    const retaining = yield* Effect.makeSemaphore(1)
    return {
      retain: Effect.fn("LogUpkeep.retain")((policy: RetentionPolicy) =>
        retaining.withPermits(1)(Retention.retain(log, policy)),
      ),
      backup: Effect.fn("LogUpkeep.backup")((directory: string) => backup(log, directory)),
      verify: Effect.gen(function* () {
        const store = yield* log.store
        return yield* Effect.catchAll(inspect(store), log.unavailable)
      }),
      scrub: scrub(log),
    }
  })

const backup = (log: LogCore, directory: string) =>
  Effect.gen(function* () {
    const store = yield* log.store
    const { lineage } = log.core.ledger
    const plan = { target: directory, cause: "backup", keep: () => true, added: () => [], lineage }
    // Only a backup needs LevelDB where the log itself lies in memory.
    const { copyLog } = yield* Effect.promise(() => import("./copyLog.ts"))
    const copied = yield* copyLog(store, plan).pipe(Effect.catchTag("StoreError", log.unavailable))
    const [damaged] = copied.leftOut
    if (damaged !== undefined) {
      const at = Position(damaged)
      return yield* new LogDamaged({ from: at, to: at, reason: "a stored block is damaged; run 'annalist verify'" })
    }
    const made: Backup = { directory, head: Position(copied.head), entries: copied.entries, bytes: copied.bytes }
    return made
  })
