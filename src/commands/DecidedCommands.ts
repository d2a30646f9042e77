// Commands of a live agent: decide, append, answer. Decisions are made one at a time, each on what the one before decided; what they
// decided becomes durable side by side, many in one commit.

import { Deferred, Effect, Either, Layer, Stream } from "effect"
import { type CommandId, Position } from "../domain/Brands.ts"
import type { Command } from "../domain/Command.ts"
import type { Event } from "../domain/Event.ts"
import type { Rejection } from "../domain/Rejection.ts"
import { decide } from "../domain/processes/decide.ts"
import * as Processes from "../domain/processes/Processes.ts"
import { type AppendError, EventLog } from "../log/EventLog.ts"
import { type Accepted, type Caller, type CommandError, Commands, OutcomeUnknown, Unavailable } from "./Commands.ts"
import { Secrets } from "./Secrets.ts"

/** When a caller may ask again after the disk or the side files could not take it. */
const retryAfterMillis = 1000

/** The answer to a command that was decided: known once what it rests on is durable. */
type Pledge = Effect.Effect<Accepted, Rejection | CommandError>

interface Deciding {
  /** As if everything decided so far were durable already. */
  processes: Processes.Processes
  /** Something decided did not become durable: the state is read anew before the next decision. */
  stale: boolean
  /** Decided and not yet known to be durable. */
  readonly open: Set<Deferred.Deferred<void>>
}

const make = Effect.gen(function* () {
  const log = yield* EventLog
  const secrets = yield* Secrets
  const permit = yield* Effect.makeSemaphore(1)
  const state: Deciding = { processes: yield* load(log), stale: false, open: new Set() }

  const append = (events: ReadonlyArray<Event>, caller: Caller, command: CommandId | null) =>
    log.append({ actor: caller.actor, command, events }).pipe(Effect.mapError(notWritten))

  const keepSecrets = (command: Command) =>
    command._tag === "BootProcess" && command.environment !== null
      ? secrets
          .keep(command.process, command.environment)
          .pipe(Effect.mapError((error) => unavailable(`the environment could not be kept: ${error.reason}`)))
      : Effect.void

  const dropSecrets = (command: Command) =>
    command._tag === "BootProcess" && command.environment !== null
      ? secrets
          .forget(command.process)
          .pipe(Effect.catchAll((error) => Effect.logWarning(`an environment stays behind: ${error.reason}`)))
      : Effect.void

  const settled = Effect.suspend(() => Effect.forEach(Array.from(state.open), Deferred.await, { discard: true }))

  const reloaded = Effect.gen(function* () {
    yield* settled
    state.processes = yield* load(log).pipe(Effect.mapError((error) => unavailable(error.reason)))
    state.stale = false
  })

  /** Places the events in the log's order; the pledge is kept outside the permit. */
  const place = Effect.fn("Commands.place")(function* (command: Command, events: ReadonlyArray<Event>, caller: Caller) {
    const durable = yield* log
      .enqueue({ actor: caller.actor, command: command.id, events })
      .pipe(Effect.mapError(notWritten))
    take(state, events)
    const known = yield* Deferred.make<void>()
    state.open.add(known)
    const close = Effect.suspend(() => {
      state.open.delete(known)
      return Deferred.succeed(known, undefined)
    })
    return durable.pipe(
      Effect.tapError(() => Effect.sync(() => (state.stale = true))),
      Effect.ensuring(close),
      Effect.mapBoth({ onFailure: notWritten, onSuccess: ({ last }) => ({ position: last }) }),
    ) satisfies Pledge
  })

  const decided = Effect.fn("Commands.decide")(function* (command: Command, caller: Caller) {
    if (state.stale) yield* reloaded
    const before = yield* log.receipt(command.id).pipe(Effect.mapError(notWritten))
    if (before !== null) return Effect.succeed({ position: before.last }) satisfies Pledge
    const decision = decide(state.processes, command)
    if (Either.isLeft(decision)) return refusal(command, decision.left, caller)
    if (decision.right.length === 0) {
      const restsOn = Array.from(state.open)
      return Effect.zipRight(
        Effect.forEach(restsOn, Deferred.await, { discard: true }),
        Effect.map(log.info, ({ head }) => ({ position: head })),
      ) satisfies Pledge
    }
    return yield* place(command, decision.right, caller)
  })

  /** Written behind whatever it rests on, and told once it is durable. */
  const refusal = (command: Command, rejection: Rejection, caller: Caller): Pledge =>
    Effect.gen(function* () {
      yield* append([{ _tag: "CommandRefused", command: command._tag, reason: rejection.message }], caller, null)
      if (!state.processes.byId.has(command.process)) yield* dropSecrets(command)
      return yield* Effect.fail(rejection)
    })

  const submit = (command: Command, caller: Caller) =>
    Effect.uninterruptible(
      Effect.zipRight(keepSecrets(command), Effect.flatten(permit.withPermits(1)(decided(command, caller)))),
    )

  return Commands.of({
    submit,
    record: (events, caller) => Effect.map(append(events, caller, null), ({ last }) => ({ position: last })),
    observe: (events, caller) => log.observe({ actor: caller.actor, command: null, events }),
  })
})

/** The deciders look at what happened, never at when or where: neither is read from these envelopes. */
const take = (state: Deciding, events: ReadonlyArray<Event>) => {
  for (const event of events) {
    const envelope = { position: Position(0), at: 0, mono: 0, actor: "", command: null, event }
    state.processes = Processes.evolve(state.processes, envelope)
  }
}

/** The deciders' state as the log tells it, at start and after a write of unknown outcome; telemetry is not even read. */
const load = (log: typeof EventLog.Service) =>
  log
    .read({ from: Position(1), lanes: ["action"] })
    .pipe(Stream.runFold(Processes.initial(), (processes, chunk) => chunk.reduce(Processes.evolve, processes)))

const unavailable = (reason: string) => new Unavailable({ reason, retryAfterMillis })

const notWritten = (error: AppendError): CommandError => {
  switch (error._tag) {
    case "LogUnavailable":
      return new Unavailable({ reason: error.reason, retryAfterMillis: error.retryAfterMillis })
    case "OutcomeUnknown":
      return new OutcomeUnknown({ reason: error.reason })
    case "EventRefused":
      return unavailable(`the log takes no such ${error.type}: ${error.reason}`)
  }
}

export const layer = Layer.effect(Commands, make)
