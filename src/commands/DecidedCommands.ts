// Commands of a live agent: decide, append, answer. Decisions are made one at a time, each on what the one before decided and on
// what else the log holds by then; what they decided becomes durable side by side, many in one commit.

import { Deferred, Effect, Either, Layer, Stream } from "effect"
import { type CommandId, Position } from "../domain/Brands.ts"
import type { Command } from "../domain/Command.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Event } from "../domain/Event.ts"
import type { Rejection } from "../domain/Rejection.ts"
import { decide, evolve, initial, type Known } from "../domain/decide.ts"
import { type AppendError, EventLog } from "../log/EventLog.ts"
import { type Accepted, type Caller, type CommandError, Commands, OutcomeUnknown, Unavailable } from "./Commands.ts"
import { Secrets } from "./Secrets.ts"

/** When a caller may ask again after the disk or the side files could not take it. */
const retryAfterMillis = 1000

/** The answer to a command that was decided: known once what it rests on is durable. */
type Pledge = Effect.Effect<Accepted, Rejection | CommandError>

interface Deciding {
  /** As if everything decided so far were durable already. */
  known: Known
  /** Actions before this position are known. */
  next: Position
  /** Decided here and not yet met in the log: known already. */
  readonly ahead: Set<CommandId>
  /** Something decided did not become durable: the state is read anew before the next decision. */
  stale: boolean
  /** Decided and not yet known to be durable. */
  readonly open: Set<Deferred.Deferred<void>>
}

const make = Effect.gen(function* () {
  const log = yield* EventLog
  const secrets = yield* Secrets
  const permit = yield* Effect.makeSemaphore(1)
  const state: Deciding = { known: initial(), next: Position(1), ahead: new Set(), stale: false, open: new Set() }

  const append = (events: ReadonlyArray<Event>, caller: Caller, command: CommandId | null) =>
    log.append({ actor: caller.actor, command, events }).pipe(Effect.mapError(notWritten))

  const keepSecrets = (command: Command) => {
    const secret = secretIn(command)
    return secret === null
      ? Effect.void
      : secrets
          .keep(secret.process, secret.environment)
          .pipe(Effect.mapError((error) => unavailable(`the environment could not be kept: ${error.reason}`)))
  }

  const dropSecrets = (command: Command) => {
    const secret = secretIn(command)
    if (secret === null || state.known.processes.byId.has(secret.process)) return Effect.void
    return secrets
      .forget(secret.process)
      .pipe(Effect.catchAll((error) => Effect.logWarning(`an environment stays behind: ${error.reason}`)))
  }

  const settled = Effect.suspend(() => Effect.forEach(Array.from(state.open), Deferred.await, { discard: true }))

  /** What others wrote, reactors above all. Whoever saw it in a view and asks for more finds it known here. */
  const caughtUp = Effect.suspend(() =>
    log
      .read({ from: state.next, lanes: ["action"] })
      .pipe(Stream.runForEach((chunk) => Effect.sync(() => learn(state, chunk)))),
  )
  yield* caughtUp

  const reloaded = Effect.gen(function* () {
    yield* settled
    Object.assign(state, { known: initial(), next: Position(1), stale: false })
    state.ahead.clear()
  })

  /** Places the events in the log's order; the pledge is kept outside the permit. */
  const place = Effect.fn("Commands.place")(function* (command: Command, events: ReadonlyArray<Event>, caller: Caller) {
    const durable = yield* log
      .enqueue({ actor: caller.actor, command: command.id, events })
      .pipe(Effect.mapError(notWritten))
    take(state, command.id, events)
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
    yield* caughtUp.pipe(Effect.mapError(({ reason }) => unavailable(reason)))
    const before = yield* log.receipt(command.id).pipe(Effect.mapError(notWritten))
    if (before !== null) return Effect.succeed({ position: before.last }) satisfies Pledge
    const decision = decide(state.known, command)
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
      yield* dropSecrets(command)
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

/** An environment that comes with a command, and the process that it is for. */
const secretIn = (command: Command) => {
  if (command._tag !== "BootProcess" && command._tag !== "DefineTask") return null
  const { environment } = command
  const process = command._tag === "BootProcess" ? command.process : command.definition.process
  return environment === null ? null : { process, environment }
}

/** The deciders look at what happened, never at when or where: neither is read from these envelopes. */
const take = (state: Deciding, command: CommandId, events: ReadonlyArray<Event>) => {
  state.ahead.add(command)
  for (const event of events) {
    evolve(state.known, { position: Position(0), at: 0, mono: 0, actor: "", command: null, event })
  }
}

const learn = (state: Deciding, chunk: ReadonlyArray<Envelope>) => {
  const met = new Set<CommandId>()
  for (const envelope of chunk) {
    const { command } = envelope
    if (command !== null && state.ahead.has(command)) met.add(command)
    else evolve(state.known, envelope)
  }
  state.next = Position((chunk.at(-1)?.position ?? state.next - 1) + 1)
  // The events of one command lie next to each other, in one commit.
  for (const command of met) state.ahead.delete(command)
}

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
