// A live agent, asked over HTTP by the commands of the terminal.

import { readFileSync } from "node:fs"
import { Effect, Stream } from "effect"
import type { Arguments } from "./Arguments.ts"
import { type Failure, failed, wrongUsage } from "./Failure.ts"

export const defaultUrl = "http://127.0.0.1:8080"

export interface Agent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** The agent that the arguments name: its address, and the token if there is one. */
export const agentOf = (
  url: string | undefined,
  { values }: Pick<Arguments, "values">,
): Effect.Effect<Agent, Failure> =>
  Effect.gen(function* () {
    const address = yield* addressOf(url ?? defaultUrl)
    const tokenFile = values.get("token-file")
    const token = tokenFile === undefined ? null : yield* tokenOf(tokenFile)
    return { url: address, headers: token === null ? {} : { authorization: `Bearer ${token}` } }
  })

const addressOf = (text: string): Effect.Effect<string, Failure> => {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return Effect.succeed(text.replace(/\/+$/, ""))
  const hint = /^[\w.-]+:\d+$/.test(text) ? `; http://${text} is one` : ""
  return Effect.fail(wrongUsage(`"${text}" is no address of an agent, such as ${defaultUrl}${hint}`))
}

/** The same file as the agent's works (lines of a role and a token: the first counts), and one that holds a token alone. */
const tokenOf = (path: string): Effect.Effect<string, Failure> =>
  Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (error) =>
      failed(`the token file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`),
  }).pipe(
    Effect.flatMap((text) => {
      const line = text.split("\n").find((one) => one.trim() !== "" && !one.startsWith("#")) ?? ""
      const token = line.trim().split(/\s+/).at(-1) ?? ""
      return /^[\w\-+/=.~]+$/.test(token)
        ? Effect.succeed(token)
        : Effect.fail(failed(`the token file ${path} holds no token`))
    }),
  )

/** Only what is set goes into the query. */
export const get = (
  agent: Agent,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): Effect.Effect<Response, Failure> =>
  Effect.gen(function* () {
    const url = new URL(`${agent.url}${path}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const response = yield* Effect.tryPromise({
      try: (signal) => fetch(url, { headers: agent.headers, signal }),
      catch: (error) => failed(unreachable(agent.url, error)),
    })
    return response.ok ? response : yield* failed(yield* refusal(agent.url, response))
  })

export const post = (agent: Agent, path: string, body: object): Effect.Effect<Response, Failure> =>
  Effect.gen(function* () {
    const headers = { ...agent.headers, "content-type": "application/json" }
    const response = yield* Effect.tryPromise({
      try: (signal) => fetch(`${agent.url}${path}`, { method: "POST", headers, body: JSON.stringify(body), signal }),
      catch: (error) => failed(unreachable(agent.url, error)),
    })
    return response.ok ? response : yield* failed(yield* refusal(agent.url, response))
  })

/** A command: what comes back says how it stands after it. */
export const send = (
  agent: Agent,
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Effect.Effect<Response, Failure> =>
  Effect.gen(function* () {
    const response = yield* Effect.tryPromise({
      try: (signal) =>
        fetch(`${agent.url}${path}`, {
          method,
          signal,
          headers: { ...agent.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      catch: (error) => failed(unreachable(agent.url, error)),
    })
    return response.ok ? response : yield* failed(yield* refusal(agent.url, response))
  })

export const textOf = (response: Response): Effect.Effect<string, Failure> =>
  Effect.tryPromise({ try: () => response.text(), catch: (error) => failed(`the answer broke off: ${String(error)}`) })

export const jsonOf = <T>(response: Response): Effect.Effect<T, Failure> =>
  Effect.flatMap(textOf(response), (text) =>
    Effect.try({
      try: () => JSON.parse(text) as T,
      catch: () => failed(`${response.url} answers something else than JSON: is it an Annalist agent?`),
    }),
  )

export const bytesOf = (response: Response): Stream.Stream<Uint8Array, Failure> =>
  response.body === null
    ? Stream.empty
    : Stream.fromReadableStream({
        evaluate: () => response.body as ReadableStream<Uint8Array>,
        onError: (error) => failed(`the agent's answer broke off: ${reasonOf(error)}`),
      })

/** fetch() hides what happened in the cause of its error. */
const reasonOf = (error: unknown): string => {
  const { cause } = error as { readonly cause?: unknown }
  const { code, message } = (cause ?? error) as { readonly code?: string; readonly message?: string }
  return code ?? message ?? String(error)
}

const unreachable = (url: string, error: unknown): string => {
  const reason = reasonOf(error)
  return reason === "ECONNREFUSED"
    ? `nothing answers at ${url}; annalist agent starts an agent`
    : `${url} cannot be reached: ${reason}`
}

const refusal = (url: string, response: Response): Effect.Effect<string, Failure> =>
  Effect.map(textOf(response), (text) => {
    const said = saidIn(text)
    const more = response.status === 401 || response.status === 403 ? "; --token-file FILE sends a token" : ""
    // What was asked is at fault: the agent's own sentence tells it. Else it matters who answers, and how.
    if (said !== "" && response.status < 500) return `${said}${more}`
    return `${url} answers ${response.status}${said === "" ? "" : `: ${said}`}${more}`
  })

/** The sentence of an error body, in whichever of the agent's error shapes. */
const saidIn = (text: string): string => {
  try {
    const { detail, error } = JSON.parse(text) as { readonly detail?: unknown; readonly error?: unknown }
    return [detail, error].find((one): one is string => typeof one === "string")?.slice(0, 500) ?? ""
  } catch {
    return ""
  }
}
