// The door of a port that has its own: gRPC, the debug adapter. The same rules as before HTTP.

import { Effect } from "effect"
import * as Audit from "../http/door/Audit.ts"
import { bindRefusal } from "../http/door/bindRefusal.ts"
import * as Door from "../http/door/Door.ts"
import { Hosts } from "../http/door/Hosts.ts"
import * as SocketOwners from "../http/door/SocketOwners.ts"
import * as Tokens from "../http/door/Tokens.ts"
import { ownNames } from "../http/HttpFace.ts"
import { failed } from "./Failure.ts"
import type { Settings } from "./settings/table.ts"
import { tlsOf } from "./tls.ts"

export const doorOf = Effect.fn("doorOf")(function* (settings: Settings, host: string) {
  const tls = yield* tlsOf(settings)
  const tokens = settings.tokenFile === null ? Tokens.none : yield* Tokens.load(settings.tokenFile)
  const refusal = bindRefusal(host, {
    tokens: tokens.entries.length > 0,
    clientCertificates: (tls?.clientCa ?? null) !== null,
  })
  if (refusal !== null) return yield* failed(refusal)
  const scheme = tls === null ? "http" : "https"
  const hosts = new Hosts({ ...settings, ownNames: ownNames(host), ownScheme: scheme })
  const door = Door.make({
    hosts,
    tokens,
    owners: SocketOwners.make("/proc"),
    audit: yield* Audit.make,
    ownUid: process.getuid?.() ?? null,
    certificateRole: "operator",
  })
  return { door, tokens, tls, addPort: (port: number) => hosts.addPort(port) }
})
