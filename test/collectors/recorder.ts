// Commands that only take what is observed and recorded, and that can be shut for a while.

import { Effect, Layer } from "effect"
import { Commands, Unavailable } from "../../src/commands/Commands.ts"
import { Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"

export const recorder = () => {
  const taken: Array<{ readonly actor: string; readonly event: Event }> = []
  const gate = { shut: false }
  const take = (events: ReadonlyArray<Event>, actor: string) => {
    taken.push(...events.map((event) => ({ actor, event })))
    return { position: Position(taken.length) }
  }
  const layer = Layer.succeed(Commands, {
    submit: () => Effect.dieMessage("nobody commands here"),
    record: (events, { actor }) =>
      Effect.suspend(() =>
        gate.shut
          ? Effect.fail(new Unavailable({ reason: "shut", retryAfterMillis: 1 }))
          : Effect.succeed(take(events, actor)),
      ),
    observe: (events, { actor }) => Effect.sync(() => void take(events, actor)),
  })
  const of = (tag: string) => taken.flatMap(({ event }) => (event._tag === tag ? [event] : []))
  return { layer, taken, gate, tags: () => taken.map(({ event }) => event._tag), of }
}
