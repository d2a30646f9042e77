// Runs the collectors, each in its own fiber and its own rhythm, and hands what they saw to the log.

import { Cause, Clock, Effect, Exit, Layer, Option, Ref } from "effect"
import { Commands } from "../commands/Commands.ts"
import { type Collector, CollectorError, type Observation } from "./Collector.ts"

export interface Options {
  /** The clock of `SamplesTaken.takenMicros`, the same one as an envelope's `mono`. */
  readonly monotonicMicros?: () => number
}

/** A look that takes longer is given up, and told as a failure. */
export const lookTimeoutMillis = 10_000
/** What a rhythm may be: faster would measure the measuring, slower is a typing error. */
export const intervalBoundsMillis = { least: 10, most: 86_400_000 } as const

/** Reasons come from files and users' code; the log takes this much of one. */
const reasonLength = 500

const hostMicros = () => Number(process.hrtime.bigint() / 1000n)

/** Never ends. Rejects a collector whose interval makes no sense before any of them runs. */
export const run = (
  collectors: ReadonlyArray<Collector>,
  options: Options = {},
): Effect.Effect<void, CollectorError, Commands> =>
  Effect.forEach(collectors, checked).pipe(
    Effect.flatMap((sound) =>
      Effect.forEach(sound, (collector) => observe(collector, options.monotonicMicros ?? hostMicros), {
        concurrency: "unbounded",
        discard: true,
      }),
    ),
  )

/** Collects for as long as the program lives. */
export const layer = (
  collectors: ReadonlyArray<Collector>,
  options: Options = {},
): Layer.Layer<never, CollectorError, Commands> =>
  Layer.scopedDiscard(
    Effect.forEach(collectors, checked).pipe(
      Effect.zipRight(Effect.forkScoped(Effect.orDie(run(collectors, options)))),
    ),
  )

/** When the next look is due: on the grid that began at `start`, past `now`. Looks that were missed are gone. */
export const nextDue = (start: bigint, interval: bigint, now: bigint): bigint =>
  start + ((now - start) / interval + 1n) * interval

const checked = (collector: Collector): Effect.Effect<Collector, CollectorError> => {
  const { least, most } = intervalBoundsMillis
  const { name, intervalMillis } = collector
  return intervalMillis >= least && intervalMillis <= most
    ? Effect.succeed(collector)
    : new CollectorError({
        reason: `collector ${name}: its interval is ${intervalMillis} ms; ${least} to ${most} is right`,
      })
}

/** Looks on a grid of the monotonic clock, so that neither a long look nor a jump of the wall clock shifts it. */
const observe = Effect.fn("Scheduler.observe")(function* (collector: Collector, monotonicMicros: () => number) {
  const failing = yield* Ref.make(false)
  const interval = BigInt(Math.round(collector.intervalMillis * 1e6))
  const start = yield* Clock.currentTimeNanos
  while (true) {
    const look = yield* lookOnce(collector)
    yield* Exit.match(look, {
      onSuccess: (seen) => deliver(collector, seen, monotonicMicros(), failing),
      onFailure: (cause) => complain(collector, cause, failing),
    })
    const now = yield* Clock.currentTimeNanos
    yield* Effect.sleep(Number(nextDue(start, interval, now) - now) / 1e6)
  }
})

/** Whatever a collector does, a defect in a user's one included, stays its own affair. */
const lookOnce = (collector: Collector): Effect.Effect<Exit.Exit<Option.Option<Observation>, CollectorError>> =>
  collector.collect.pipe(
    Effect.timeoutFail({
      duration: lookTimeoutMillis,
      onTimeout: () => new CollectorError({ reason: `no answer within ${lookTimeoutMillis} ms` }),
    }),
    Effect.catchAllDefect((defect) => new CollectorError({ reason: `it broke: ${String(defect)}` })),
    Effect.exit,
  )

const deliver = Effect.fn("Scheduler.deliver")(function* (
  collector: Collector,
  seen: Option.Option<Observation>,
  takenMicros: number,
  failing: Ref.Ref<boolean>,
) {
  const commands = yield* Commands
  const caller = { actor: `collector:${collector.name}` }
  if (yield* Ref.get(failing)) {
    yield* commands.record([{ _tag: "CollectorRecovered", collector: collector.name }], caller).pipe(
      Effect.zipRight(Ref.set(failing, false)),
      Effect.catchAll((error) => Effect.logDebug(`the recovery of ${collector.name} is told later: ${error.reason}`)),
    )
  }
  if (Option.isSome(seen)) {
    yield* commands.observe([{ ...seen.value, collector: collector.name, takenMicros }], caller)
  }
})

/** Told once; while the log takes nothing it stays untold, and the next failing look tries again. */
const complain = Effect.fn("Scheduler.complain")(function* (
  collector: Collector,
  cause: Cause.Cause<CollectorError>,
  failing: Ref.Ref<boolean>,
) {
  if (Cause.isInterruptedOnly(cause)) return yield* Effect.interrupt
  if (yield* Ref.get(failing)) return
  const commands = yield* Commands
  const reason = Option.match(Cause.failureOption(cause), {
    onSome: (error) => error.reason,
    onNone: () => Cause.pretty(cause),
  }).slice(0, reasonLength)
  yield* Effect.logWarning(`collector ${collector.name} failed: ${reason}`)
  yield* commands
    .record([{ _tag: "CollectorFailed", collector: collector.name, reason }], { actor: `collector:${collector.name}` })
    .pipe(
      Effect.zipRight(Ref.set(failing, true)),
      Effect.catchAll((error) => Effect.logDebug(`the failure of ${collector.name} is told later: ${error.reason}`)),
    )
})
