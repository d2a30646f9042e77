// Posts every alert that is raised or cleared to an address, as JSON: in order, again when it was not taken, never twice under another key.

import { Effect, Layer } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import { EventLog } from "../../log/EventLog.ts"
import type { Views } from "../../projections/Views.ts"
import { alertMessage } from "./alertMessage.ts"
import * as Outbox from "../outlets/Outbox.ts"
import { post } from "../outlets/post.ts"

export interface Options {
  readonly url: string
  readonly node: string
  readonly retryMillis?: number
}

/** With waits that double from a second to a minute: about four minutes. */
const attempts = 9

export const layer = (options: Options): Layer.Layer<never, never, Commands | Views | EventLog> =>
  Layer.scopedDiscard(Effect.forkScoped(run(options)))

const run = (options: Options) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const { logId } = yield* log.info
    const { origin, pathname } = new URL(options.url)
    return yield* Outbox.run({
      name: "webhook",
      to: `${origin}${pathname}`,
      stateAt: () => null,
      evolve: (state) => state,
      messagesOf: (_, envelope) => {
        const message = alertMessage(envelope, options.node)
        return message === null ? [] : [message]
      },
      // The key is the same for every try of one message, so that a receiver can tell a second try from a second alert.
      deliver: (body, position) =>
        post(options.url, JSON.stringify(body), { "idempotency-key": `${logId}-${position}` }),
      concurrency: 1,
      attempts,
      retry: { firstMillis: options.retryMillis ?? 1000, mostMillis: 60_000 },
    })
  })
