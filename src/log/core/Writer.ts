// The one fiber that writes: takes a group, makes it durable, then acknowledges and publishes it. Distrusts the store after the first failure.

import { Cause, Clock, Deferred, Effect, Exit } from "effect"
import { Position } from "../../domain/Brands.ts"
import { type AppendError, type Appended, EventRefused, LogUnavailable, OutcomeUnknown } from "../EventLog.ts"
import { type BlockStore, StoreError, type StoreWrite } from "../store/BlockStore.ts"
import type { Core } from "./Core.ts"
import * as Group from "./Group.ts"
import type { Taken } from "./Inbox.ts"
import { currentId, idBytes } from "./Lineage.ts"
import type { Pending } from "./Pending.ts"
import { recover } from "./Recovery.ts"
import * as Room from "./Room.ts"
import type { Tail } from "./Tail.ts"

export const run = (core: Core): Effect.Effect<never> =>
  Effect.gen(function* () {
    while (true) {
      yield* core.inbox.work
      yield* Effect.uninterruptible(commitNext(core))
      if (core.store === null) yield* recover(core)
    }
  })

/** Writes what still waits; the writer fiber has ended before. */
export const drain = (core: Core): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!core.inbox.idle && core.store !== null) yield* commitNext(core)
    yield* turnAway(core, core.inbox.refuse(), "the log is closing")
  })

/** Wakes the writer for telemetry that nobody waits for, so that it is durable within its bound. */
export const urgeObserved = (core: Core): Effect.Effect<never> =>
  Effect.gen(function* () {
    while (true) {
      yield* core.inbox.observed
      yield* Effect.sleep(core.limits.observeDelayMillis)
      core.inbox.urge()
      // The writer's answer to the urge comes before the next look.
      yield* Effect.yieldNow()
      if (core.store === null) yield* core.gate.await
    }
  })

/** So many groups in a row at most, before a shutdown is listened to. */
const ROUND = 16

/** What is written next: taken out of the inbox, placed and packed behind an end of the log that may not be durable yet. */
interface Prepared {
  readonly taken: Taken
  readonly group: Group.Group | null
  readonly write: StoreWrite
  readonly tail: Tail
}

/** Commits what waits. While one group syncs the next is packed, if there is much of it: a lone event never waits for that. */
const commitNext = (core: Core): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { store } = core
    if (store === null) return Effect.void
    const unanswered: Array<Taken> = []
    // A defect must not leave writers waiting for ever: it is treated like a failed write.
    return Effect.catchAllDefect(commitRound(core, store, unanswered), (defect) =>
      poison(core, unanswered, new StoreError({ operation: "commit", reason: String(defect) })),
    )
  })

const commitRound = (core: Core, store: BlockStore, unanswered: Array<Taken>): Effect.Effect<void> =>
  Effect.gen(function* () {
    let next = yield* prepare(core, core.ledger.tail, unanswered)
    for (let round = 1; next !== null; round++) {
      const { taken, group, write, tail }: Prepared = next
      const committing = Effect.either(store.commit(write))
      const ahead = round < ROUND && core.inbox.isBusy
      const [outcome, following] = ahead
        ? yield* Effect.all([committing, prepare(core, tail, unanswered)], { concurrency: 2 })
        : [yield* committing, null]
      if (outcome._tag === "Left") return yield* poison(core, unanswered, outcome.left)
      unanswered.shift()
      if (group !== null) yield* acknowledge(core, group)
      for (const { waiter } of taken.errands) yield* Deferred.succeed(waiter, undefined)
      yield* Room.look(core)
      next = following
    }
  })

const prepare = (core: Core, tail: Tail, unanswered: Array<Taken>): Effect.Effect<Prepared | null> =>
  Effect.gen(function* () {
    const taken = core.inbox.take()
    unanswered.push(taken)
    const pendings = [...taken.pendings, ...(yield* droppedBatch(core))]
    const group = pendings.length === 0 ? null : yield* packed(core, tail, pendings)
    const puts = [...(group?.puts ?? []), ...taken.errands.flatMap(({ write }) => write.puts)]
    const deletes = taken.errands.flatMap(({ write }) => write.deletes)
    if (puts.length > 0 || deletes.length > 0)
      return { taken, group, write: { puts, deletes }, tail: group?.tail ?? tail }
    unanswered.pop()
    return null
  })

/** From here on the group is history: nothing of this may be interrupted or reordered. */
const acknowledge = (core: Core, group: Group.Group): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { ledger } = core
    const segments = group.begun === null ? ledger.segments : [...ledger.segments, group.begun]
    if (core.store !== null) yield* core.store.acknowledge(group.tail.head)
    // In one go: a follower that looked between the two would read from the store what it is about to be handed.
    core.ledger = { ...ledger, tail: group.tail, segments }
    if (core.followers.size > 0) core.followers.publish(Group.envelopesOf(group.placed))
    for (const { pending, first, last } of group.placed) {
      const appended = { first: Position(first), last: Position(last), repeated: false }
      yield* answer(core, pending, Exit.succeed(appended))
    }
  })

/**
 * After one failed write LevelDB goes on acknowledging and loses what it acknowledged: nothing more is written until
 * the store was opened anew. The group may or may not be there then, so its writers are told just that.
 */
const poison = (core: Core, unanswered: ReadonlyArray<Taken>, error: StoreError): Effect.Effect<void> =>
  Effect.gen(function* () {
    const [written, ...packedOnly] = unanswered
    core.store = null
    core.unavailable = error.reason
    yield* core.gate.close
    if (written !== undefined) yield* fail(core, written, new OutcomeUnknown({ reason: error.reason }))
    for (const taken of packedOnly) yield* turnAway(core, taken, error.reason)
    yield* turnAway(core, core.inbox.refuse(), error.reason)
  })

const turnAway = (core: Core, waiting: Taken, reason: string): Effect.Effect<void> =>
  fail(core, waiting, new LogUnavailable({ reason, retryAfterMillis: core.limits.retryAfterMillis }))

const fail = (core: Core, waiting: Taken, error: AppendError): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (const pending of waiting.pendings) {
      if (pending.waiter === null) core.drops.add(pending.batch.actor, pending.batch.events.length, error.reason)
      else yield* answer(core, pending, Exit.fail(error))
    }
    for (const { waiter } of waiting.errands) yield* Deferred.fail(waiter, error)
  })

/** A batch that cannot be packed is refused alone; it takes no other down with it. */
const packed = (core: Core, tail: Tail, pendings: ReadonlyArray<Pending>): Effect.Effect<Group.Group | null> =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(pack(core, tail, pendings))
    if (Exit.isSuccess(exit)) return exit.value
    const sound: Array<Pending> = []
    for (const pending of pendings) {
      const alone = yield* Effect.exit(pack(core, tail, [pending]))
      if (Exit.isSuccess(alone)) sound.push(pending)
      else yield* refuse(core, pending, Cause.pretty(alone.cause))
    }
    return sound.length === 0 ? null : yield* pack(core, tail, sound)
  })

const pack = (core: Core, tail: Tail, pendings: ReadonlyArray<Pending>): Effect.Effect<Group.Group> =>
  Group.pack(tail, idBytes(currentId(core.ledger.lineage)), pendings, core.limits)

const refuse = (core: Core, pending: Pending, reason: string): Effect.Effect<void> => {
  const { batch, waiter } = pending
  if (waiter === null) return Effect.sync(() => core.drops.add(batch.actor, batch.events.length, reason))
  return answer(core, pending, Exit.fail(new EventRefused({ type: batch.events[0]?._tag ?? "", reason })))
}

const answer = (core: Core, { batch, waiter }: Pending, exit: Exit.Exit<Appended, AppendError>): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (batch.command !== null) core.underway.delete(batch.command)
    return waiter === null ? Effect.void : Effect.asVoid(Deferred.done(waiter, exit))
  })

const droppedBatch = (core: Core): Effect.Effect<ReadonlyArray<Pending>> =>
  Effect.map(Clock.currentTimeMillis, (millis) => {
    const mono = core.monotonicMicros()
    const events = core.drops.take(mono)
    if (events.length === 0) return []
    const batch = { actor: "agent", command: null, events }
    return [{ batch, lane: "action", at: millis * 1000, mono, bytes: events.length * 64, waiter: null }]
  })
