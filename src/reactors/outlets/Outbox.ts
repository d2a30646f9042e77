// Delivers what is owed to one outlet, in the log's order and each message once: what is owed follows from the log, how far it has come
// is in the log, and an outlet that is away costs no memory.

import { Data, Effect, Schedule, Stream } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { OutletEvent, OutletName } from "../../domain/events/OutletEvents.ts"
import { EventLog } from "../../log/EventLog.ts"
import { outlets } from "../../projections/outlets.ts"
import { type View, Views } from "../../projections/Views.ts"

/** It was not taken. A final one is not offered again. */
export class Undelivered extends Data.TaggedError("Undelivered")<{
  readonly reason: string
  readonly final: boolean
}> {}

export interface Outbox<State, Message> {
  readonly name: OutletName
  /** Without credentials: it stands in the log. Another address is owed nothing of before. */
  readonly to: string
  /** What messages are made from besides the event itself: as it stood at a moment, in a copy, and folded on from there. */
  readonly stateAt: (view: View) => State
  readonly evolve: (state: State, envelope: Envelope) => State
  readonly messagesOf: (state: State, envelope: Envelope) => ReadonlyArray<Message>
  /** Makes fewer of what one commit owes, where the order between them means nothing. */
  readonly join?: (messages: ReadonlyArray<Message>) => ReadonlyArray<Message>
  readonly deliver: (message: Message, position: Position) => Effect.Effect<void, Undelivered>
  /** At most so many messages on the way at once. */
  readonly concurrency: number
  /** Tries until a message is given up, and said so in the log; null for as many as it takes. */
  readonly attempts: number | null
  readonly retry: { readonly firstMillis: number; readonly mostMillis: number }
}

interface Owed<Message> {
  readonly message: Message
  readonly position: Position
}

/** So long a way without anything to deliver is noted as well, so that the next start does not read it again. */
const quietStretch = 20_000
const followAgainMillis = 1000
const caller = { actor: "agent" }

/** Never ends. */
export const run = <State, Message>(
  outbox: Outbox<State, Message>,
): Effect.Effect<never, never, Commands | Views | EventLog> =>
  Effect.gen(function* () {
    let { through, isFailing } = yield* opened(outbox)
    const tell = telling(outbox, {
      failing: () => isFailing,
      turn: (failing) => void (isFailing = failing),
    })
    const round = Effect.gen(function* () {
      const log = yield* EventLog
      const views = yield* Views
      yield* views.reached(Position(through))
      const then = yield* views.at({ _tag: "AtPosition", position: Position(through) })
      let state = outbox.stateAt(then)
      return yield* log.follow(Position(through + 1)).pipe(
        Stream.runForEach((committed) => {
          const owed: Array<Owed<Message>> = []
          for (const envelope of committed) {
            state = outbox.evolve(state, envelope)
            for (const message of outbox.messagesOf(state, envelope))
              owed.push({ message, position: envelope.position })
          }
          const last = committed.at(-1)?.position ?? Position(through)
          const all = outbox.join === undefined ? owed : joined(outbox.join, owed, last)
          if (all.length === 0 && last - through < quietStretch) return Effect.void
          return Effect.forEach(all, ({ message, position }) => tell(outbox.deliver(message, position)), {
            concurrency: outbox.concurrency,
          }).pipe(
            Effect.flatMap((outcomes) => advanced(outbox.name, last, outcomes.find((one) => one !== null) ?? null)),
            Effect.zipRight(Effect.sync(() => (through = last))),
          )
        }),
      )
    })
    return yield* round.pipe(
      Effect.catchAll((error) =>
        Effect.logDebug(`${outbox.name} waits for the log: ${error.reason}`).pipe(
          Effect.zipRight(Effect.sleep(followAgainMillis)),
        ),
      ),
      Effect.forever,
    )
  })

const joined = <Message>(
  join: (messages: ReadonlyArray<Message>) => ReadonlyArray<Message>,
  owed: ReadonlyArray<Owed<Message>>,
  position: Position,
): ReadonlyArray<Owed<Message>> => join(owed.map(({ message }) => message)).map((message) => ({ message, position }))

/** Where it stands: where it stood when the agent ended, or from now on. */
const opened = <State, Message>({ name, to }: Outbox<State, Message>) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    const view = yield* views.until(() => true)
    const known = view.state(outlets).get(name)
    if (known?.to === to) return { through: known.through, isFailing: known.failing !== null }
    const { position } = yield* commands.record([{ _tag: "OutletOpened", outlet: name, to }], caller)
    return { through: position, isFailing: false }
  }).pipe(
    Effect.tapError((error) => Effect.logDebug(`${name} is not open yet: ${error.reason}`)),
    Effect.retry(Schedule.spaced(followAgainMillis)),
    Effect.orDie,
  )

/** One message: tried until it is taken or given up. What comes back is why it was given up. */
const telling =
  <State, Message>(
    { name, attempts, retry }: Outbox<State, Message>,
    state: { readonly failing: () => boolean; readonly turn: (failing: boolean) => void },
  ) =>
  (deliver: Effect.Effect<void, Undelivered>): Effect.Effect<string | null, never, Commands> => {
    const again = (attempt: number): Effect.Effect<string | null, never, Commands> =>
      Effect.matchEffect(deliver, {
        onSuccess: () => recovered.pipe(Effect.as(null)),
        onFailure: ({ reason, final }) =>
          Effect.suspend(() => {
            const isOver = final || (attempts !== null && attempt >= attempts)
            const wait = Math.min(retry.mostMillis, retry.firstMillis * 2 ** (attempt - 1))
            const next = isOver ? Effect.succeed(reason) : Effect.delay(again(attempt + 1), wait)
            return Effect.zipRight(failed(reason), next)
          }),
      })
    const recovered = Effect.suspend(() => {
      if (!state.failing()) return Effect.void
      state.turn(false)
      return noted({ _tag: "OutletRecovered", outlet: name })
    })
    const failed = (reason: string) =>
      Effect.suspend(() => {
        if (state.failing()) return Effect.void
        state.turn(true)
        return Effect.zipRight(
          Effect.logWarning(`${name} does not deliver: ${reason}`),
          noted({ _tag: "OutletFailed", outlet: name, reason: reason.slice(0, 500) }),
        )
      })
    return again(1)
  }

const advanced = (outlet: OutletName, through: number, givenUp: string | null) =>
  noted({ _tag: "OutletAdvanced", outlet, through, ...(givenUp === null ? {} : { givenUp: givenUp.slice(0, 500) }) })

/** What the log does not take now is known again when it is next delivered: at worst a message goes twice, never is one lost. */
const noted = (event: OutletEvent) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    yield* commands.record([event], caller)
  }).pipe(Effect.catchAll((error) => Effect.logDebug(`${event._tag} is not in the log: ${error.reason}`)))
