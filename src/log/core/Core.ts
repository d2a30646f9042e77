// What the parts of an open log share. One writer fiber changes it; everyone else reads.

import type { Effect } from "effect"
import type { CommandId } from "../../domain/Brands.ts"
import type { AppendError, Appended } from "../EventLog.ts"
import type { BlockStore, StoreDriver } from "../store/BlockStore.ts"
import type { Deferred } from "effect"
import type { Drops } from "./Drops.ts"
import type { Followers } from "./Followers.ts"
import type { Inbox } from "./Inbox.ts"
import type { Ledger } from "./Ledger.ts"
import type { Limits } from "./Limits.ts"

export interface Core {
  readonly driver: StoreDriver
  readonly limits: Limits
  readonly inbox: Inbox
  readonly followers: Followers
  readonly drops: Drops
  readonly monotonicMicros: () => number
  /** Commands whose batch is on its way: a second offer waits for the first one's answer. */
  readonly underway: Map<CommandId, Deferred.Deferred<Appended, AppendError>>
  /** Open while the store is: followers wait at it. */
  readonly gate: {
    readonly open: Effect.Effect<unknown>
    readonly close: Effect.Effect<unknown>
    readonly await: Effect.Effect<void>
  }
  ledger: Ledger
  store: BlockStore | null
  /** Closes the store. */
  shut: Effect.Effect<void>
  unavailable: string | null
  telemetryStopped: boolean
  /** When the room on the medium was last looked at, monotonic µs. */
  lookedAt: number
}
