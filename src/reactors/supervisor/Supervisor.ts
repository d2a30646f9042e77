// Starts, watches and ends the managed processes: acts on what is committed, tells what came of it, and finds them again at start.

import { Cause, Clock, Deferred, Effect, type Fiber, Layer, Option, Schedule, Scope, Stream } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { Secrets } from "../../commands/Secrets.ts"
import { Position, type ProcessId } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import type { Limits } from "../../domain/events/ProcessTerms.ts"
import { now } from "../../domain/Moment.ts"
import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import { type Committed, EventLog } from "../../log/EventLog.ts"
import { processes } from "../../projections/processes.ts"
import { Views } from "../../projections/Views.ts"
import { boot, failed as bootFailed } from "./boot.ts"
import * as Cgroups from "./Cgroups.ts"
import * as Dependencies from "./Dependencies.ts"
import * as Kernel from "./Kernel.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import { change } from "./limits.ts"
import { defaultBounds, type Means, type Options } from "./Means.ts"
import { probe } from "./probe.ts"
import { reconcile } from "./reconcile.ts"
import { report } from "./report.ts"
import * as Spawner from "./Spawner.ts"
import { pidsOf, type Request, stop } from "./stop.ts"
import * as Ward from "./Ward.ts"
import { takeoverOf } from "./takeover.ts"
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
  readonly dependenciesOf: Dependencies.Dependencies
}

/** What is told of an end before the last of the tree is gone is told this little before it. */
const endingMillis = 50

/** Ready once everything that an earlier agent left is adopted or recorded as ended. */
export const layer = (options: Options) => Layer.scopedDiscard(make(options))

const make = Effect.fn("Supervisor.make")(function* (options: Options) {
  const views = yield* Views
  const log = yield* EventLog
  const charge = yield* makeCharge(options)
  const view = yield* Effect.orDie(views.at(now))
  const known = Array.from(view.state(processes).byId.values())
  const left = known.filter(isAlive)
  const head = view.position
  for (const one of left) yield* take(charge, one.id, one.requestedAt)
  const nowMillis = yield* Clock.currentTimeMillis
  for (const { id, restartAt } of known)
    if (restartAt !== null) yield* bootAgain(charge, id, Math.max(0, restartAt / 1000 - nowMillis))
  yield* charge.fork("following the log", follow(charge, log, head))
  for (const one of left) yield* charge.fork(`reconciling ${one.id}`, resume(charge, one))
  if (options.onAgentDeath === "stop") yield* Effect.addFinalizer(() => farewell(charge))
  yield* Effect.forEach(left, (one) => settled(charge, one.id), { concurrency: "unbounded", discard: true }).pipe(
    Effect.timeoutOption(charge.means.bounds.reconcileMillis),
  )
  if (left.length > 0) yield* tellTakeover(views, log, left)
})

const tellTakeover = Effect.fn("Supervisor.tellTakeover")(
  function* (views: typeof Views.Service, log: typeof EventLog.Service, left: ReadonlyArray<ManagedProcess>) {
    const { head } = yield* log.info
    const view = yield* views.reached(head)
    const { byId } = view.state(processes)
    yield* Effect.logInfo(takeoverOf(left.flatMap(({ id }) => byId.get(id) ?? [])))
  },
  Effect.catchAll(({ reason }) => Effect.logWarning(`what was adopted cannot be told: ${reason}`)),
)

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
    cgroups: Cgroups.make(),
    launch: yield* Spawner.make(options.shim),
    report: (command) => Effect.provideService(report(command), Commands, commands),
    secretsOf: secrets.of,
  }
  return {
    means,
    wards: new Map<ProcessId, Ward.Ward>(),
    boots: yield* Effect.makeSemaphore(bounds.concurrentBoots),
    fork: (what: string, task: Effect.Effect<unknown, unknown>) => forkTold(what, task, scope),
    forget: secrets.forget,
    dependenciesOf: yield* Dependencies.make(bounds.dependencyMillis),
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
    yield* Effect.scoped(Effect.zipRight(Ward.watchDirectory(ward), keep(charge.means, ward, root, known)))
  }
  yield* release(charge, ward)
})

const live = Effect.fn("Supervisor.live")(function* (
  charge: Charge,
  ward: Ward.Ward,
  spec: ProcessSpec,
  earlier: Ward.Ward | undefined,
) {
  const { means } = charge
  if (earlier !== undefined) yield* endEarlier(means, earlier)
  const obstacle = spec.dependsOn === undefined ? null : yield* charge.dependenciesOf(ward.life.process, spec)
  const root =
    obstacle === null
      ? yield* charge.boots.withPermits(1)(boot(means, ward, spec))
      : yield* bootFailed(means, ward, obstacle)
  if (root !== null) yield* keep(means, ward, root, { spec, ready: false })
  yield* release(charge, ward)
})

/** Until its tree is gone; meanwhile it is asked how it is. */
const keep = (
  means: Means,
  ward: Ward.Ward,
  root: Ward.Root,
  asked: { readonly spec: ProcessSpec; readonly ready: boolean },
) =>
  asked.spec.readiness === undefined && asked.spec.liveness === undefined
    ? watch(means, ward, root)
    : Effect.raceFirst(watch(means, ward, root), Effect.zipRight(probe(means, ward, asked), Effect.never))

/** A restarted process begins with nobody of its last life around. */
const endEarlier = Effect.fn("Supervisor.endEarlier")(function* (means: Means, earlier: Ward.Ward) {
  const { earlierGraceMillis: graceMillis, forceMillis } = means.bounds
  const gone = Deferred.await(earlier.gone)
  if (Option.isSome(yield* Effect.timeoutOption(gone, endingMillis))) return
  yield* stop(means, earlier, { signal: "SIGTERM", force: "SIGKILL", graceMillis, stop: true })
  yield* Effect.timeoutOption(gone, forceMillis)
})

/** The back-off of a restart by policy, and then the boot, if it is still wanted. */
const bootAgain = (charge: Charge, process: ProcessId, delayMillis: number) =>
  charge.fork(
    `restarting ${process}`,
    Effect.delay(charge.means.report({ _tag: "BootAgain", id: Ward.freshId(), process }), delayMillis),
  )

const changeLimits = Effect.fn("Supervisor.changeLimits")(function* (
  charge: Charge,
  process: ProcessId,
  limits: Limits,
) {
  const ward = charge.wards.get(process)
  const root = ward === undefined ? null : yield* Deferred.await(ward.booted)
  if (ward === undefined || root === null) return
  const { means } = charge
  const { applied, refused } = yield* change(means, ward, pidsOf(means, ward, root), limits)
  yield* means.report({ _tag: "RecordLimitsApplied", id: Ward.freshId(), process, applied, refused })
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
    const earlier = charge.wards.get(event.process)
    const ward = yield* take(charge, event.process, at)
    yield* charge.fork(`running ${event.process}`, live(charge, ward, event.spec, earlier))
  }
  if (event._tag === "ProcessRestartScheduled") yield* bootAgain(charge, event.process, event.delayMillis)
  if (event._tag === "ProcessLimitsRequested")
    yield* charge.fork(`limiting ${event.process}`, changeLimits(charge, event.process, event.limits))
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
