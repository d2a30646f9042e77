// The port of the Debug Adapter Protocol, on loopback alone: the protocol knows no encryption.

import { Context, Effect, Layer } from "effect"
import * as DapPort from "../http/server/DapPort.ts"
import { doorOf } from "./doorOf.ts"
import type { Settings } from "./settings/table.ts"

const host = "127.0.0.1"

/** The address that answers; null where the port is off. */
export class DapAddress extends Context.Tag("annalist/DapAddress")<DapAddress, string | null>() {}

export const layer = (settings: Settings) =>
  Layer.scoped(
    DapAddress,
    Effect.gen(function* () {
      const { dapPort: port, evaluate: mayEvaluate } = settings
      if (port === null) return null
      const { door } = yield* doorOf(settings, host)
      return `${host}:${yield* DapPort.open({ host, port, door, mayEvaluate })}`
    }),
  )
