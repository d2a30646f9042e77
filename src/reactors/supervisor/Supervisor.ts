// Starts, watches and ends the managed processes: acts on what is committed, tells what came of it, and finds them again at start.

import { Cause, Deferred, Effect, type Fiber, Layer, Option, Schedule, Scope, Stream } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { Secrets } from "../../commands/Secrets.ts"
import { Position, type ProcessId } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import { now } from "../../domain/Moment.ts"
import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import { type Committed, EventLog } from "../../log/EventLog.ts"
import { processes } from "../../projections/processes.ts"
import { Views } from "../../projections/Views.ts"
import { boot } from "./boot.ts"
import * as Kernel from "./Kernel.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import { defaultBounds, type Means, type Options } from "./Means.ts"
import { reconcile } from "./reconcile.ts"
import { report } from "./report.ts"
import { type Request, stop } from "./stop.ts"
import * as Ward from "./Ward.ts"
import { watch } from "./watch.ts"

/** How long to wait before a log that broke off is followed again. */
const followAgain = Schedule.spaced("1 second")

/** The supervisor's memory: whom it watches, and what it needs for that. */
interface Charge {
  readonly means: Means
  readonly wards: Map<ProcessId, Ward.Ward>
  readonly boots: Effect.Semaphore
  /** Runs on for as long as the supervisor does. */
  readonly fork: (
    what: string,
    task: Effect.Effect<unknown, unknown>,
  ) => Effect.Effect<Fiber.RuntimeFiber<unknown, unknown>>
  readonly forget: (typeof Secrets.Service)["forget"]
}

/** Ready once everything that an earlier agent left is adopted or recorded as ended. */
export const layer = (options: Options) => Layer.scopedDiscard(make(options))

const make = Effect.fn("Supervisor.make")(function* (options: Options) {
  const views = yield* Views
  const log = yield* EventLog
  const charge = yield* makeCharge(options)
  const view = yield* Effect.orDie(views.at(now))
  const left = Array.from(view.state(processes).byId.values()).filter(isAlive)
  const head = view.position
  for (const known of left) yield* take(charge, known.id, known.requestedAt)
  yield* charge.fork("following the log", follow(charge, log, head))
  const resumed = yield* Effect.forEach(left, (known) => charge.fork(`reconciling ${known.id}`, resume(charge, known)))
  if (options.onAgentDeath === "stop") yield* Effect.addFinalizer(() => farewell(charge))
  yield* Effect.forEach(left, (known) => settled(charge, known.id), { concurrency: "unbounded", discard: true }).pipe(
    Effect.timeoutOption(charge.means.bounds.reconcileMillis),
  )
  yield* Effect.logDebug(`the supervisor took over ${resumed.length} processes at position ${head}`)
})

const makeCharge = Effect.fn("Supervisor.makeCharge")(function* (options: Options) {
  const commands = yield* Commands
  const secrets = yield* Secrets
  // Its own scope, closed last: what the farewell asks for is still carried out in it.
  const scope = yield* Effect.acquireRelease(Scope.make(), Scope.close)
  const bounds = { ...defaultBounds, ...options.bounds }
  const means: Means = {
    options,
    bounds,
    kernel: Kernel.make(options.procRoot),
    report: (command) => Effect.provideService(report(command), Commands, commands),
    secretsOf: secrets.of,
  }
  return {
    means,
    wards: new Map<ProcessId, Ward.Ward>(),
    boots: yield* Effect.makeSemaphore(bounds.concurrentBoots),
    fork: (what: string, task: Effect.Effect<unknown, unknown>) => forkTold(what, task, scope),
    forget: secrets.forget,
  } satisfies Charge
})

/** A new life begins: from here on its id stands for this one. */
const take = Effect.fn("Supervisor.take")(function* (charge: Charge, process: ProcessId, requestedAt: number) {
  const ward = yield* Ward.make(charge.means.options.dataDirectory, { process, requestedAt })
  charge.wards.set(process, ward)
  return ward
})

const release = (charge: Charge, ward: Ward.Ward) =>
  Effect.gen(function* () {
    yield* Deferred.succeed(ward.gone, undefined)
    if (charge.wards.get(ward.life.process) === ward) charge.wards.delete(ward.life.process)
  })

/** Until its fate is known. */
const settled = (charge: Charge, process: ProcessId) => {
  const ward = charge.wards.get(process)
  return ward === undefined ? Effect.void : Effect.asVoid(Deferred.await(ward.booted))
}

const resume = Effect.fn("Supervisor.resume")(function* (charge: Charge, known: ManagedProcess) {
  const ward = charge.wards.get(known.id)
  if (ward === undefined) return
  const root = yield* reconcile(charge.means, ward, known)
  if (root !== null) {
    if (known.stop !== null)
      yield* charge.fork(`stopping ${known.id}`, stop(charge.means, ward, { ...known.stop, stop: true }))
    yield* Effect.scoped(Effect.zipRight(Ward.watchDirectory(ward), watch(charge.means, ward, root)))
  }
  yield* release(charge, ward)
})

const live = Effect.fn("Supervisor.live")(function* (charge: Charge, ward: Ward.Ward, spec: ProcessSpec) {
  const root = yield* charge.boots.withPermits(1)(boot(charge.means, ward, spec))
  if (root !== null) yield* watch(charge.means, ward, root)
  yield* release(charge, ward)
})

/** From the event after `head` on, each once; where the log breaks off, it is followed again from there. */
const follow = (charge: Charge, log: typeof EventLog.Service, head: Position) =>
  Effect.suspend(() => {
    let next = Position(head + 1)
    return Stream.suspend(() => log.follow(next)).pipe(
      Stream.runForEach((committed) =>
        Effect.zipRight(
          act(charge, committed),
          Effect.sync(() => void (next = Position((committed.at(-1)?.position ?? next - 1) + 1))),
        ),
      ),
      Effect.tapError((error) => Effect.logWarning(`the supervisor lost the log: ${error.reason}`)),
      Effect.retry(followAgain),
    )
  })

/** Telemetry comes by here as well, a thousand events at a time: what is none of ours costs one comparison. */
const act = (charge: Charge, committed: Committed): Effect.Effect<void> =>
  Effect.forEach(
    committed.filter(({ event }) => event._tag.startsWith("Process")),
    (envelope) => actOn(charge, envelope),
    { discard: true },
  )

const actOn = Effect.fn("Supervisor.actOn")(function* (charge: Charge, { event, at }: Envelope) {
  if (event._tag === "ProcessBootRequested") {
    if (charge.wards.get(event.process)?.life.requestedAt === at) return
    const ward = yield* take(charge, event.process, at)
    yield* charge.fork(`running ${event.process}`, live(charge, ward, event.spec))
  }
  if (event._tag === "ProcessSignalRequested") yield* signal(charge, event.process, event)
  if (event._tag === "ProcessFlushed") yield* charge.fork(`flushing ${event.process}`, flush(charge, event.process))
})

/** Without a ward it has ended meanwhile, and its end is in the log or on the way there. */
const signal = (charge: Charge, process: ProcessId, request: Request) => {
  const ward = charge.wards.get(process)
  return ward === undefined ? Effect.void : charge.fork(`signalling ${process}`, stop(charge.means, ward, request))
}

const flush = Effect.fn("Supervisor.flush")(function* (charge: Charge, process: ProcessId) {
  yield* charge.forget(process)
  yield* LifeDirectory.remove(charge.means.options.dataDirectory, process)
})

/** The agent ends and takes its children along: asked for in the log like any other stop, and waited for a little. */
const farewell = (charge: Charge) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const { farewellGraceMillis, farewellMillis } = charge.means.bounds
    const end = (ward: Ward.Ward) =>
      commands
        .submit(
          {
            _tag: "StopProcess",
            id: Ward.freshId(),
            process: ward.life.process,
            signal: "SIGTERM",
            graceMillis: farewellGraceMillis,
          },
          { actor: "agent" },
        )
        .pipe(
          Effect.zipRight(Deferred.await(ward.gone)),
          Effect.catchAll((error) => Effect.logDebug(`${ward.life.process} is left alone: ${error._tag}`)),
        )
    const all = Effect.forEach(Array.from(charge.wards.values()), end, { concurrency: "unbounded", discard: true })
    const done = yield* Effect.timeoutOption(Effect.interruptible(all), farewellMillis)
    if (Option.isNone(done)) yield* Effect.logWarning(`${charge.wards.size} processes outlive the agent`)
  })

/** A task that breaks says so and takes nobody along. */
const forkTold = <A, E>(what: string, task: Effect.Effect<A, E>, scope: Scope.Scope) =>
  task.pipe(
    Effect.tapErrorCause((cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.void : Effect.logError(`${what} failed`, cause),
    ),
    Effect.forkIn(scope),
  )
