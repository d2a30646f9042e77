// Writes down who was turned away: each refusal while they are few, a count of them when they come in floods.

import { Effect, Queue, type Scope } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { Event } from "../../domain/Event.ts"

export interface Refusal {
  readonly actor: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly reason: string
  readonly peer: string
}

export interface Audit {
  /** Never waits and never fails: the refused get their answer at once. */
  readonly refused: (refusal: Refusal) => void
}

/** Where nothing is written: a recorded session, a function. */
export const silent: Audit = { refused: () => {} }

/** Refusals written one by one in a window; what comes beyond is counted, and the count written when the window ends. */
const eachWindow = 20
const windowMillis = 10_000
const maxText = 300

interface Entry {
  readonly actor: string
  readonly event: Event
  /** Refusals that it tells of. */
  readonly count: number
}

export const make: Effect.Effect<Audit, never, Commands | Scope.Scope> = Effect.gen(function* () {
  const commands = yield* Commands
  const waiting = yield* Queue.dropping<Entry>(eachWindow * 2)
  const window = { written: 0, beyond: 0 }

  const write = (entry: Entry) =>
    commands.record([entry.event], { actor: entry.actor }).pipe(
      Effect.catchTag("ReadOnly", () => Effect.void),
      // What the log could not take now is told as a number once it can.
      Effect.catchAll(() => Effect.sync(() => (window.beyond += entry.count))),
    )

  const turnWindow = Effect.suspend(() => {
    const count = window.beyond
    window.written = 0
    window.beyond = 0
    return count === 0
      ? Effect.void
      : write({ actor: "agent", event: { _tag: "RefusalsCounted", count, windowMillis }, count })
  })

  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(waiting), write)))
  yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Effect.sleep(windowMillis), turnWindow)))
  // What was counted but not yet told is told at the end.
  yield* Effect.addFinalizer(() => turnWindow)

  return {
    refused: (refusal) => {
      const taken = window.written < eachWindow && waiting.unsafeOffer(entryOf(refusal))
      if (taken) window.written++
      else window.beyond++
    },
  }
})

const entryOf = (refusal: Refusal): Entry => ({
  actor: refusal.actor,
  count: 1,
  event: {
    _tag: "AccessRefused",
    method: cut(refusal.method),
    path: cut(refusal.path),
    status: refusal.status,
    reason: cut(refusal.reason),
    peer: refusal.peer,
  },
})

const cut = (text: string): string => (text.length > maxText ? `${text.slice(0, maxText)}…` : text)
