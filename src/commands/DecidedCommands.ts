// Commands of a live agent: load, decide, append, answer. One command at a time is decided, on its own fold of the actions.

import { Effect, Either, Layer, Stream } from "effect"
import { type CommandId, Position } from "../domain/Brands.ts"
import type { Command } from "../domain/Command.ts"
import type { Event } from "../domain/Event.ts"
import { decide } from "../domain/processes/decide.ts"
import * as Processes from "../domain/processes/Processes.ts"
import { type AppendError, EventLog } from "../log/EventLog.ts"
import { type Caller, type CommandError, Commands, OutcomeUnknown, Unavailable } from "./Commands.ts"
import { Secrets } from "./Secrets.ts"

/** When a caller may ask again after the disk or the side files could not take it. */
const retryAfterMillis = 1000

const make = Effect.gen(function* () {
  const log = yield* EventLog
  const secrets = yield* Secrets
  const deciding = yield* Effect.makeSemaphore(1)
  const state = { processes: yield* load(log), stale: false }

  const append = (events: ReadonlyArray<Event>, caller: Caller, command: CommandId | null) =>
    log.append({ actor: caller.actor, command, events }).pipe(Effect.mapError(notWritten))

  /** The deciders look at what happened, never at when: the times of these envelopes are not read. */
  const take = (events: ReadonlyArray<Event>, position: Position) => {
    for (const event of events) {
      state.processes = Processes.evolve(state.processes, { position, at: 0, mono: 0, actor: "", command: null, event })
    }
  }

  const keepSecrets = (command: Command) =>
    command._tag === "BootProcess" && command.environment !== null
      ? secrets
          .keep(command.process, command.environment)
          .pipe(Effect.mapError((error) => unavailable(`the environment could not be kept: ${error.reason}`)))
      : Effect.void

  const decided = Effect.fn("Commands.submit")(function* (command: Command, caller: Caller) {
    if (state.stale) {
      state.processes = yield* load(log).pipe(Effect.mapError((error) => unavailable(error.reason)))
      state.stale = false
    }
    const decision = decide(state.processes, command)
    if (Either.isLeft(decision)) {
      const rejection = decision.left
      yield* append([{ _tag: "CommandRefused", command: command._tag, reason: rejection.message }], caller, null)
      return yield* rejection
    }
    if (decision.right.length === 0) return { position: (yield* log.info).head }
    yield* keepSecrets(command)
    const { last, repeated } = yield* append(decision.right, caller, command.id).pipe(
      Effect.tapError(() => Effect.sync(() => (state.stale = true))),
    )
    if (!repeated) take(decision.right, last)
    return { position: last }
  })

  return Commands.of({
    submit: (command, caller) => deciding.withPermits(1)(Effect.uninterruptible(decided(command, caller))),
    record: (events, caller) => Effect.map(append(events, caller, null), ({ last }) => ({ position: last })),
    observe: (events, caller) => log.observe({ actor: caller.actor, command: null, events }),
  })
})

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
