// The log over any driver: what is appended, how it is read and followed. All policy is here; drivers only store.

import { Clock, Deferred, Effect, type Scope, Stream } from "effect"
import { type CommandId, Position } from "../../domain/Brands.ts"
import { type Lane, laneOf, typeOf } from "../../domain/Event.ts"
import {
  type AppendError,
  type Appended,
  type Batch,
  type EventLog,
  EventRefused,
  LogUnavailable,
  type LogUnopenable,
  type ReadRange,
} from "../EventLog.ts"
import type { BlockStore, StoreDriver, StoreError, StoreWrite } from "../store/BlockStore.ts"
import { decodePosition, receiptKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import { Kind } from "../block/BlockHeader.ts"
import type { Core } from "./Core.ts"
import { Drops } from "./Drops.ts"
import { follow } from "./Following.ts"
import { Followers } from "./Followers.ts"
import { Inbox } from "./Inbox.ts"
import { accountsFor } from "./Ledger.ts"
import { defaults, type Limits } from "./Limits.ts"
import { currentId } from "./Lineage.ts"
import * as Reading from "./Reading.ts"
import { openStore } from "./Recovery.ts"
import * as Room from "./Room.ts"
import { positionAt } from "./TimeSearch.ts"
import { weigh } from "./weigh.ts"
import * as Writer from "./Writer.ts"

export interface LogOptions {
  readonly limits?: Partial<Limits>
  /** Microseconds of a clock that never steps; the host's own unless told. */
  readonly monotonicMicros?: () => number
}

export interface LogCore {
  readonly log: typeof EventLog.Service
  readonly core: Core
  /** Joins a write that is no event to the next commit; returns once it is durable. */
  readonly write: (write: StoreWrite) => Effect.Effect<void, AppendError>
  readonly store: Effect.Effect<BlockStore, LogUnavailable>
  readonly unavailable: (error: StoreError) => Effect.Effect<never, LogUnavailable>
}

const hostMonotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n)

export const make = (
  driver: StoreDriver,
  options: LogOptions = {},
): Effect.Effect<LogCore, LogUnopenable, Scope.Scope> =>
  Effect.gen(function* () {
    const core = yield* openCore(driver, options)
    const writer = yield* Effect.forkScoped(Writer.run(core))
    yield* Effect.forkScoped(Writer.urgeObserved(core))
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        yield* writer.interruptAsFork(yield* Effect.fiberId)
        yield* writer.await
        yield* Writer.drain(core)
        core.store = null
        core.unavailable = "the log is closed"
      }),
    )
    const store = Effect.suspend(() =>
      core.store === null ? Effect.fail(unavailable(core)) : Effect.succeed(core.store),
    )
    const write = (errand: StoreWrite) => runErrand(core, errand)
    return {
      log: serviceOf(core, store),
      core,
      write,
      store,
      unavailable: (error) => Effect.fail(asUnavailable(core)(error)),
    }
  })

const openCore = (driver: StoreDriver, options: LogOptions): Effect.Effect<Core, LogUnopenable, Scope.Scope> =>
  Effect.gen(function* () {
    const limits = { ...defaults, ...options.limits }
    const opened = yield* openStore(driver, limits)
    const latch = yield* Effect.makeLatch(true)
    const core: Core = {
      driver,
      limits,
      inbox: new Inbox(limits),
      followers: new Followers(),
      drops: new Drops(),
      monotonicMicros: options.monotonicMicros ?? hostMonotonicMicros,
      underway: new Map(),
      gate: latch,
      unavailable: null,
      telemetryStopped: false,
      lookedAt: Number.NEGATIVE_INFINITY,
      ...opened,
    }
    yield* Effect.addFinalizer(() => Effect.suspend(() => core.shut))
    yield* Room.look(core)
    return core
  })

const serviceOf = (core: Core, store: Effect.Effect<BlockStore, LogUnavailable>): typeof EventLog.Service => ({
  append: Effect.fn("EventLog.append")((batch: Batch) => Effect.flatten(offer(core, batch))),
  enqueue: (batch) => offer(core, batch),
  receipt: Effect.fn("EventLog.receipt")((command: CommandId) => receipt(core, command)),
  observe: Effect.fn("EventLog.observe")((batch: Batch) => observe(core, batch)),
  read: (range) => Stream.unwrapScoped(Effect.map(store, (open) => readFrom(core, open, range))),
  follow: (from) => follow(core, from),
  positionAt: Effect.fn("EventLog.positionAt")((micros: number) =>
    Effect.flatMap(store, (open) => Effect.mapError(positionAt(open, core.ledger, micros), asUnavailable(core))),
  ),
  info: Effect.suspend(() =>
    Effect.map(core.store?.bytesOnDisk ?? Effect.succeed(0), (bytesOnDisk) => ({
      logId: currentId(core.ledger.lineage),
      head: Position(core.ledger.tail.head),
      rawFrom: Position((core.ledger.aged?.last ?? 0) + 1),
      bytesOnDisk,
      unavailable: core.unavailable,
      telemetryStopped: core.telemetryStopped,
    })),
  ),
})

const readFrom = (core: Core, store: BlockStore, range: ReadRange) => {
  const accounts = (from: number, to: number) => accountsFor(core.ledger, from, to)
  const { head } = core.ledger.tail
  const from = Math.max(1, range.from ?? 1)
  const to = Math.min(head, range.to ?? head)
  if (from > to) return Stream.empty
  const lanes = range.lanes ?? Reading.bothLanes
  const kinds = range.kinds === undefined ? {} : { kinds: range.kinds.reduce((bits, kind) => bits | Kind[kind], 0) }
  const plan = {
    from,
    to,
    lanes,
    ...kinds,
    accounts,
    chunkEvents: core.limits.chunkEvents,
    isOpen: () => core.store === store,
  }
  return Stream.unwrapScoped(Effect.map(Reading.open(store, plan), (pull) => Stream.repeatEffectOption(pull))).pipe(
    Stream.mapError((error) => (error._tag === "StoreError" ? asUnavailable(core)(error) : error)),
  )
}

/** The inner effect is the answer. */
const offer = (core: Core, batch: Batch): Effect.Effect<Effect.Effect<Appended, AppendError>, AppendError> => {
  const { command } = batch
  if (command === null) return Effect.map(enqueue(core, batch), Deferred.await)
  return Effect.suspend(() => {
    const before = core.underway.get(command)
    if (before !== undefined) return Effect.succeed(Effect.map(Deferred.await(before), repeated))
    return Effect.map(Effect.uninterruptible(enqueueOnce(core, batch, command)), (answer) =>
      "waiter" in answer ? Deferred.await(answer.waiter) : Effect.succeed(answer),
    )
  })
}

const repeated = (appended: Appended): Appended => ({ ...appended, repeated: true })

const receipt = (core: Core, command: CommandId): Effect.Effect<Appended | null, AppendError> =>
  Effect.suspend((): Effect.Effect<Appended | null, AppendError> => {
    const before = core.underway.get(command)
    return before === undefined ? storedReceipt(core, command) : Effect.map(Deferred.await(before), repeated)
  })

const storedReceipt = (core: Core, command: CommandId) =>
  Effect.gen(function* () {
    const { store } = core
    if (store === null) return yield* Effect.fail(unavailable(core))
    const key = receiptKey(command)
    const value = yield* Effect.mapError(store.get(key), asUnavailable(core))
    if (value === undefined) return null
    const found = openValue(key, value)
    if (found === null) return yield* new EventRefused({ type: "", reason: `the receipt of ${command} is damaged` })
    const [first, last] = [Position(decodePosition(found, 0)), Position(decodePosition(found, 1))]
    return { first, last, repeated: true } satisfies Appended
  })

/** The receipt lies in the same atomic write as the events: whichever is there, the other is too. */
const enqueueOnce = (core: Core, batch: Batch, command: CommandId) =>
  Effect.gen(function* () {
    const before = yield* storedReceipt(core, command)
    if (before !== null) return before
    const waiter = yield* enqueue(core, batch)
    core.underway.set(command, waiter)
    return { waiter }
  })

const enqueue = (core: Core, batch: Batch) =>
  Effect.gen(function* () {
    const examined = examine(core, batch)
    if ("refused" in examined) return yield* new EventRefused(examined.refused)
    if (core.store === null) return yield* Effect.fail(unavailable(core))
    if (examined.lane === "telemetry" && core.telemetryStopped) {
      yield* Room.look(core)
      if (core.telemetryStopped) return yield* Effect.fail(unavailable(core, Room.shortage))
    }
    const waiter = yield* Deferred.make<Appended, AppendError>()
    const at = (yield* Clock.currentTimeMillis) * 1000
    const taken = core.inbox.offer({ batch, ...examined, at, mono: core.monotonicMicros(), waiter })
    return taken ? waiter : yield* Effect.fail(unavailable(core, "too many events wait to be written"))
  })

const observe = (core: Core, batch: Batch): Effect.Effect<void> =>
  Effect.gen(function* () {
    const examined = examine(core, batch)
    const drop = (reason: string) => core.drops.add(batch.actor, batch.events.length, reason)
    if ("refused" in examined) return drop(examined.refused.reason)
    if (core.telemetryStopped) yield* Room.look(core)
    if (core.telemetryStopped) return drop(Room.shortage)
    const at = (yield* Clock.currentTimeMillis) * 1000
    const taken = core.inbox.offer({ batch, ...examined, at, mono: core.monotonicMicros(), waiter: null })
    if (!taken) drop("too much telemetry waits")
  })

type Examined =
  | { readonly lane: Lane; readonly bytes: number }
  | { readonly refused: { readonly type: string; readonly reason: string } }

const examine = (core: Core, batch: Batch): Examined => {
  const [first] = batch.events
  if (first === undefined) return { refused: { type: "", reason: "a batch holds at least one event" } }
  if (batch.events.length > core.limits.batchEvents) {
    return { refused: { type: typeOf(first), reason: `a batch holds ${core.limits.batchEvents} events at most` } }
  }
  const lane = laneOf(first)
  let bytes = 0
  for (const event of batch.events) {
    const refuse = (reason: string): Examined => ({ refused: { type: typeOf(event), reason } })
    if (laneOf(event) !== lane) return refuse("a batch holds events of one lane")
    const weight = weigh(event, core.limits.eventBytes)
    if (typeof weight !== "number") return refuse(weight.refused)
    bytes += weight
  }
  return bytes <= core.limits.batchBytes
    ? { lane, bytes }
    : { refused: { type: typeOf(first), reason: `a batch weighs ${core.limits.batchBytes} bytes at most` } }
}

const runErrand = (core: Core, write: StoreWrite): Effect.Effect<void, AppendError> =>
  Effect.gen(function* () {
    if (core.store === null) return yield* Effect.fail(unavailable(core))
    const waiter = yield* Deferred.make<void, AppendError>()
    core.inbox.run({ write, waiter })
    return yield* Deferred.await(waiter)
  })

const unavailable = (core: Core, reason = core.unavailable ?? "the log is closed"): LogUnavailable =>
  new LogUnavailable({ reason, retryAfterMillis: core.limits.retryAfterMillis })

const asUnavailable =
  (core: Core) =>
  (error: StoreError): LogUnavailable =>
    unavailable(core, error.reason)
