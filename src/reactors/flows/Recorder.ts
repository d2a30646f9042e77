// Writes the engine's events in the order in which they happened, many at a time. A call need not wait for its own sync: only who
// asks is told when what it wrote is durable, and everything before it is durable then too.

import { Effect, Schedule, Stream } from "effect"
import { type Event, type Lane, laneOf } from "../../domain/Event.ts"
import { Position } from "../../domain/Brands.ts"
import type { AppendError, EventLog } from "../../log/EventLog.ts"

/** By which the engine knows its own events when they come back. */
export const actor = "reactor:flows"

/** Of one batch. The log takes more; smaller ones let others in between. */
const batchEvents = 2000
const batchBytes = 2 * 1024 * 1024
/** Of what waits to be written. Beyond it the engine begins no call. */
const mostWaiting = 50_000
const mostWaitingBytes = 64 * 1024 * 1024
/** About what an event weighs besides its data. */
const plainBytes = 128

interface Waiting {
  readonly event: Event
  readonly job: string
  readonly bytes: number
  readonly then: (() => void) | null
}

export interface Recorder {
  /** `then` is called once the event is durable, and with it all earlier ones of its job. */
  readonly add: (event: Event, job: string, bytes?: number, then?: () => void) => void
  readonly isFull: () => boolean
  /** Calls back once there is room again. */
  readonly whenRoom: (then: () => void) => void
  /** Writes for ever. */
  readonly run: Effect.Effect<never>
  /** Returns once nothing waits to be written. */
  readonly idle: Effect.Effect<void>
}

export const make = (log: typeof EventLog.Service, onLost: (reason: string, events: number) => void): Recorder => {
  let waiting: Array<Waiting> = []
  let waitingBytes = 0
  let isWriting = false
  let wake: (() => void) | null = null
  const forRoom: Array<() => void> = []
  const forPeace: Array<() => void> = []

  const isFull = () => waiting.length >= mostWaiting || waitingBytes >= mostWaitingBytes

  const work = Effect.async<void>((resume) => {
    if (waiting.length > 0) return resume(Effect.void)
    wake = () => {
      wake = null
      resume(Effect.void)
    }
    return Effect.sync(() => void (wake = null))
  })

  const settled = (now: ReadonlyArray<Waiting>) => {
    for (const { then } of now) then?.()
    if (!isFull()) for (const then of forRoom.splice(0)) then()
    if (waiting.length === 0) for (const then of forPeace.splice(0)) then()
  }

  const flush = Effect.gen(function* () {
    const { now, later } = portionOf(waiting)
    waiting = later
    waitingBytes = later.reduce((sum, { bytes }) => sum + bytes, 0)
    isWriting = true
    yield* writeAll(log, batchesOf(now), onLost)
    isWriting = false
    settled(now)
  })

  return {
    add: (event, job, bytes = 0, then) => {
      waiting.push({ event, job, bytes: bytes + plainBytes, then: then ?? null })
      waitingBytes += bytes + plainBytes
      wake?.()
    },
    isFull,
    whenRoom: (then) => void (isFull() ? forRoom.push(then) : then()),
    run: Effect.forever(Effect.zipRight(work, flush)),
    idle: Effect.async((resume) => {
      if (waiting.length === 0 && !isWriting) resume(Effect.void)
      else forPeace.push(() => resume(Effect.void))
    }),
  }
}

/**
 * What may share one commit: there, actions come before telemetry whatever the order in which they were offered, so an
 * action that follows a step of the same job waits for the next one, and all that follows it too.
 */
export const portionOf = <One extends { readonly event: Event; readonly job: string }>(
  waiting: ReadonlyArray<One>,
): { readonly now: Array<One>; readonly later: Array<One> } => {
  const now: Array<One> = []
  const later: Array<One> = []
  const stepped = new Set<string>()
  const deferred = new Set<string>()
  for (const one of waiting) {
    const isAction = laneOf(one.event) === "action"
    if (deferred.has(one.job) || (isAction && stepped.has(one.job))) {
      deferred.add(one.job)
      later.push(one)
      continue
    }
    if (!isAction) stepped.add(one.job)
    now.push(one)
  }
  return { now, later }
}

interface Batch {
  readonly lane: Lane
  readonly events: Array<Event>
  bytes: number
}

/** Actions first, as the commit will have them. */
const batchesOf = (now: ReadonlyArray<Waiting>): ReadonlyArray<Batch> => {
  const batches: Record<Lane, Array<Batch>> = { action: [], telemetry: [] }
  for (const { event, bytes } of now) {
    const lane = laneOf(event)
    const batch = batches[lane].at(-1)
    if (batch === undefined || batch.events.length >= batchEvents || batch.bytes + bytes > batchBytes) {
      batches[lane].push({ lane, events: [event], bytes })
    } else {
      batch.events.push(event)
      batch.bytes += bytes
    }
  }
  return [...batches.action, ...batches.telemetry]
}

/** Offered together, so that one sync takes them all; whatever is durable of them is a beginning. */
const writeAll = (
  log: typeof EventLog.Service,
  batches: ReadonlyArray<Batch>,
  onLost: (reason: string, events: number) => void,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    let left = batches
    while (left.length > 0) {
      const head = (yield* log.info).head
      const outcomes = yield* Effect.forEach(left, placed(log)).pipe(
        Effect.flatMap((pledges) => Effect.forEach(pledges, Effect.either)),
      )
      const errors = outcomes.map((outcome) => (outcome._tag === "Left" ? outcome.left : null))
      for (const [index, error] of errors.entries()) {
        if (error?._tag === "EventRefused") onLost(error.reason, left[index]?.events.length ?? 0)
      }
      const failure = errors.find((error) => error !== null && error._tag !== "EventRefused") ?? null
      if (failure === null) return
      const offered = left.filter((_, index) => errors[index]?._tag !== "EventRefused")
      left = yield* afterFailure(log, head, offered, failure)
    }
  })

/** Takes its place in the order now; the effect inside says when it is durable. */
const placed =
  (log: typeof EventLog.Service) =>
  ({ events }: Batch): Effect.Effect<Effect.Effect<unknown, AppendError>> =>
    log.enqueue({ actor, command: null, events }).pipe(Effect.catchAll((error) => Effect.succeed(Effect.fail(error))))

/** What is there is not written twice: the log itself says how far it came. */
const afterFailure = (
  log: typeof EventLog.Service,
  head: Position,
  batches: ReadonlyArray<Batch>,
  error: AppendError,
): Effect.Effect<ReadonlyArray<Batch>> =>
  Effect.gen(function* () {
    yield* Effect.logWarning(`the steps of jobs wait: ${error.reason}`)
    yield* Effect.sleep("retryAfterMillis" in error ? error.retryAfterMillis : retryMillis)
    const written = yield* log.read({ from: Position(head + 1) }).pipe(
      Stream.runFold(0, (sum, chunk) => sum + chunk.filter((one) => one.actor === actor).length),
      // Asked again until the log can be read: what is written twice would be a call made twice.
      Effect.catchAll((failure) =>
        Effect.zipRight(Effect.logDebug(`not yet readable: ${failure.reason}`), Effect.fail(failure)),
      ),
      Effect.retry(Schedule.spaced(retryMillis)),
      Effect.orDie,
    )
    let skip = written
    return batches.filter(({ events }) => {
      const isThere = skip >= events.length
      skip -= isThere ? events.length : 0
      return !isThere
    })
  })

const retryMillis = 500
