// Gathers what single requests record into one batch while the log writes the batch before: a thousand ranks that report
// at once cost the log a few commits, not a thousand.

import { Effect, Exit, type Scope } from "effect"
import { type Accepted, type Caller, type CommandError, Commands, Unavailable } from "../commands/Commands.ts"
import { type Event, laneOf } from "../domain/Event.ts"

/** One batch holds at most so much; the rest is the next one. */
const maxBatchEvents = 512
const maxBatchBytes = 1_048_576
/** What is larger goes alone. */
const maxLoneBytes = maxBatchBytes / 4
/** About what an event without unknown fields weighs. */
const plainBytes = 512
const maxWaiting = 16_384

interface Waiting {
  readonly event: Event
  readonly bytes: number
  readonly caller: Caller
  readonly done: Done
}

type Done = (outcome: Exit.Exit<Accepted, CommandError>) => void

/** One event of telemetry, without a fiber. */
export type RecordLone = (event: Event, caller: Caller, done: Done) => void

export interface Gathered {
  /** The same commands; only lone records of telemetry take the shared way, and they are as durable when it answers. */
  readonly commands: typeof Commands.Service
  readonly recordLone: RecordLone
}

export const gathered = (commands: typeof Commands.Service): Effect.Effect<Gathered, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting: Array<Waiting> = []
    const arrived = yield* Effect.makeLatch(false)

    const writeNext = Effect.suspend(() => {
      const batch = take(waiting)
      const [first] = batch
      if (first === undefined) return Effect.void
      return Effect.map(
        Effect.exit(
          commands.record(
            batch.map(({ event }) => event),
            first.caller,
          ),
        ),
        (exit) => {
          for (const one of batch) one.done(exit)
        },
      )
    })
    const write = Effect.gen(function* () {
      yield* arrived.await
      // Whatever the sockets hold by now joins in.
      yield* nextTurn
      yield* arrived.close
      while (waiting.length > 0) yield* Effect.uninterruptible(writeNext)
    })
    yield* Effect.forkScoped(Effect.forever(write))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const one of waiting.splice(0)) one.done(closing)
      }),
    )

    const join = (event: Event, bytes: number, caller: Caller, done: Done) => {
      if (waiting.length >= maxWaiting) return done(full)
      waiting.push({ event, bytes, caller, done })
      if (waiting.length === 1) arrived.unsafeOpen()
    }

    return {
      commands: Commands.of({
        ...commands,
        record: (events, caller) => {
          const [event, ...more] = events
          if (event === undefined || more.length > 0 || laneOf(event) !== "telemetry")
            return commands.record(events, caller)
          const bytes = bytesOf(event)
          return bytes > maxLoneBytes
            ? commands.record(events, caller)
            : Effect.async((resume) => join(event, bytes, caller, resume))
        },
      }),
      recordLone: (event, caller, done) => join(event, bytesOf(event), caller, done),
    }
  })

/** Those in front that one actor sent, in their order. */
const take = (waiting: Array<Waiting>): ReadonlyArray<Waiting> => {
  let bytes = 0
  let end = 0
  for (const one of waiting) {
    bytes += one.bytes
    if (end > 0 && (bytes > maxBatchBytes || end >= maxBatchEvents || one.caller.actor !== waiting[0]?.caller.actor))
      break
    end++
  }
  return waiting.splice(0, end)
}

const bytesOf = (event: Event): number =>
  "extra" in event && event.extra !== null ? plainBytes + JSON.stringify(event.extra).length : plainBytes

const nextTurn: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => resume(Effect.void))
})

const closing = Exit.fail(new Unavailable({ reason: "the agent is shutting down", retryAfterMillis: 1000 }))
const full = Exit.fail(new Unavailable({ reason: "too many records wait to be written", retryAfterMillis: 1000 }))
