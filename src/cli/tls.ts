// The certificates that the settings name, read once at start.

import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { Tls } from "../http/server/Listener.ts"
import { type Failure, failed } from "./Failure.ts"
import { flagOf, type Settings } from "./settings/table.ts"

/** null without TLS. */
export const tlsOf = (settings: Settings): Effect.Effect<Tls | null, Failure> =>
  Effect.gen(function* () {
    const cert = yield* pem("tlsCert", settings.tlsCert)
    const key = yield* pem("tlsKey", settings.tlsKey)
    const clientCa = yield* pem("tlsClientCa", settings.tlsClientCa)
    return cert === null || key === null ? null : { cert, key, clientCa }
  })

const pem = (name: "tlsCert" | "tlsKey" | "tlsClientCa", path: string | null): Effect.Effect<string | null, Failure> =>
  path === null
    ? Effect.succeed(null)
    : Effect.try({
        try: () => readFileSync(path, "utf8"),
        catch: (error) =>
          failed(`--${flagOf(name)} ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`),
      }).pipe(
        Effect.filterOrFail(
          (text) => text.includes("-----BEGIN "),
          () => failed(`--${flagOf(name)} ${path} is not PEM: it has no line -----BEGIN …-----`),
        ),
      )
