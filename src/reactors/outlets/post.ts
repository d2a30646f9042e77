// Posts JSON to where somebody takes it; what was not taken says whether it makes sense to offer it again.

import { Effect } from "effect"
import { Undelivered } from "./Outbox.ts"

const answerMillis = 10_000

export const post = (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Effect.Effect<void, Undelivered> =>
  Effect.tryPromise({
    try: async (signal) => {
      const { username, password, href } = withoutCredentials(url)
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
      const response = await fetch(href, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...headers,
          ...(username === "" ? {} : { authorization }),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMillis)]),
      })
      await response.body?.cancel()
      return response.status
    },
    catch: (error) => new Undelivered({ reason: reasonOf(error), final: false }),
  }).pipe(
    Effect.flatMap((status) =>
      status >= 200 && status < 300
        ? Effect.void
        : new Undelivered({ reason: `it answered ${status}`, final: isFinal(status) }),
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
