// Back from a failed write: close, open anew, read the end again, tell followers what turned out to be durable.

import { Effect, Exit, Option, Schedule, Scope } from "effect"
import { LogUnopenable } from "../EventLog.ts"
import type { BlockStore, StoreError } from "../store/BlockStore.ts"
import type { Core } from "./Core.ts"
import { accountsFor, type Ledger } from "./Ledger.ts"
import * as Lineage from "./Lineage.ts"
import type { Limits } from "./Limits.ts"
import * as Reading from "./Reading.ts"
import { readTail } from "./TailReading.ts"
import type { StoreDriver } from "../store/BlockStore.ts"

export interface OpenedStore {
  readonly store: BlockStore
  readonly ledger: Ledger
  readonly shut: Effect.Effect<void>
}

/** Opens the store and proves its end. What it leaves open is closed by `shut`. */
export const openStore = (driver: StoreDriver, limits: Limits): Effect.Effect<OpenedStore, LogUnopenable> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const shut = Scope.close(scope, Exit.void)
    const opening = Effect.gen(function* () {
      const store = yield* Scope.extend(driver.open, scope)
      const ledger = yield* Effect.mapError(provenLedger(store, limits), asUnopenable)
      return { store, ledger, shut }
    })
    return yield* Effect.onError(opening, () => shut)
  })

/** Retries until the store is back; the caller may interrupt it between attempts. */
export const recover = (core: Core): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* core.shut
    core.shut = Effect.void
    // Opening writes: the reserve is given up so that it finds room on a full disk.
    yield* core.driver.reserve.release
    const backoff = Schedule.exponential(core.limits.reopenMillis).pipe(
      Schedule.union(Schedule.spaced(core.limits.reopenMillis * 20)),
    )
    const attempt = Effect.uninterruptible(reopen(core)).pipe(
      Effect.tapError((error) => Effect.sync(() => (core.unavailable = error.reason))),
    )
    yield* Effect.retry(attempt, backoff).pipe(Effect.orDie)
  })

const reopen = (core: Core): Effect.Effect<void, LogUnopenable> =>
  Effect.gen(function* () {
    const published = core.ledger.tail.head
    const opened = yield* openStore(core.driver, core.limits)
    yield* publishBetween(core, opened, published + 1).pipe(Effect.onError(() => opened.shut))
    core.store = opened.store
    core.ledger = opened.ledger
    core.shut = opened.shut
    core.unavailable = null
    yield* core.gate.open
  })

/** The group whose outcome was unknown may be there: followers get it now, before anything later. */
const publishBetween = (core: Core, opened: OpenedStore, from: number): Effect.Effect<void, LogUnopenable> => {
  const to = opened.ledger.tail.head
  if (from > to || core.followers.size === 0) return Effect.void
  const accounts = (first: number, last: number) => accountsFor(opened.ledger, first, last)
  const plan = {
    from,
    to,
    lanes: Reading.bothLanes,
    accounts,
    chunkEvents: core.limits.chunkEvents,
    isOpen: () => true,
  }
  return Effect.scoped(
    Effect.gen(function* () {
      const pull = yield* Effect.mapError(Reading.open(opened.store, plan), asUnopenable)
      while (true) {
        const chunk = yield* Effect.either(pull)
        if (chunk._tag === "Right") core.followers.publish(chunk.right)
        else if (Option.isNone(chunk.left)) return
        else return yield* Effect.fail(asUnopenable(chunk.left.value))
      }
    }),
  )
}

const provenLedger = (store: BlockStore, limits: Limits): Effect.Effect<Ledger, StoreError | LogUnopenable> =>
  Effect.gen(function* () {
    const { ledger, lost, damage } = yield* readTail(store, limits.tailBytes)
    if (damage !== null) {
      return yield* new LogUnopenable({
        reason: `the log is damaged from position ${damage.from} to ${damage.to}: ${damage.reason}`,
        advice: "run 'annalist verify --repair-copy NEW_DIR' and go on with the copy",
      })
    }
    if (lost === null) return ledger
    // Positions that others have seen will come again with other events: the log is another one from here on.
    const lineage = Lineage.extend(ledger.lineage, ledger.tail.head + 1, `tail lost: ${lost.first} to ${lost.last}`)
    yield* store.commit({ puts: [Lineage.entryOf(lineage)], deletes: [] })
    yield* store.acknowledge(ledger.tail.head)
    return { ...ledger, lineage }
  })

const asUnopenable = (error: { readonly _tag: string; readonly reason: string } | LogUnopenable): LogUnopenable =>
  error instanceof LogUnopenable
    ? error
    : new LogUnopenable({ reason: error.reason, advice: "run 'annalist verify' on the data directory" })
