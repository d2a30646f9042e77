// Posts every alert that is raised or cleared to an address, as JSON: in order, again when it was not taken, never twice under another key.

import { Effect, Layer } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import { EventLog } from "../../log/EventLog.ts"
import type { Views } from "../../projections/Views.ts"
import { alertMessage } from "./alertMessage.ts"
import * as Outbox from "../outlets/Outbox.ts"

export interface Options {
  readonly url: string
  readonly node: string
  readonly retryMillis?: number
}

const answerMillis = 10_000
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
      deliver: (body, position) => post(options.url, JSON.stringify(body), `${logId}-${position}`),
      concurrency: 1,
      attempts,
      retry: { firstMillis: options.retryMillis ?? 1000, mostMillis: 60_000 },
    })
  })

/** The key is the same for every try of one message, so that a receiver can tell a second try from a second alert. */
const post = (url: string, body: string, key: string) =>
  Effect.tryPromise({
    try: async (signal) => {
      const { username, password, href } = withoutCredentials(url)
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
      const response = await fetch(href, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": key,
          ...(username === "" ? {} : { authorization }),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMillis)]),
      })
      await response.body?.cancel()
      return response.status
    },
    catch: (error) => new Outbox.Undelivered({ reason: reasonOf(error), final: false }),
  }).pipe(
    Effect.flatMap((status) =>
      status >= 200 && status < 300
        ? Effect.void
        : new Outbox.Undelivered({ reason: `it answered ${status}`, final: isFinal(status) }),
    ),
  )

/** What no repetition changes. */
const isFinal = (status: number): boolean => status >= 300 && status < 500 && status !== 408 && status !== 429

const withoutCredentials = (text: string) => {
  const url = new URL(text)
  const username = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  url.username = ""
  url.password = ""
  return { username, password, href: url.href }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
