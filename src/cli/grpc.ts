// The gRPC face of a live agent, as the settings want it; its libraries are loaded only where its port is on.

import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { join, resolve } from "node:path"
import { Context, Effect, Layer } from "effect"
import * as Audit from "../http/door/Audit.ts"
import { bindRefusal } from "../http/door/bindRefusal.ts"
import * as Door from "../http/door/Door.ts"
import { Hosts } from "../http/door/Hosts.ts"
import * as SocketOwners from "../http/door/SocketOwners.ts"
import * as Tokens from "../http/door/Tokens.ts"
import { ownNames } from "../http/HttpFace.ts"
import * as OutputFiles from "../reactors/supervisor/OutputFiles.ts"
import * as Ssh from "../reactors/supervisor/Ssh.ts"
import { failed } from "./Failure.ts"
import { packageRoot } from "./packageRoot.ts"
import type { Settings } from "./settings/table.ts"
import { tlsOf } from "./tls.ts"
import { userName } from "./userName.ts"

/** The address that answers; null where the port is off. */
export class GrpcAddress extends Context.Tag("annalist/GrpcAddress")<GrpcAddress, string | null>() {}

export const layer = (settings: Settings) => Layer.scoped(GrpcAddress, make(settings))

const make = Effect.fn("grpc")(function* (settings: Settings) {
  const { grpcPort: port, host } = settings
  if (port === null) return null
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
  const protoDirectory = join(packageRoot(), "src", "grpc", "proto")
  const { open } = yield* Effect.promise(() => import("../grpc/GrpcFace.ts"))
  const taken = yield* open({
    address: host,
    port,
    protoDirectory,
    descriptors: readFileSync(join(protoDirectory, "descriptors.binpb")),
    tls,
    doorway: { door, tokens },
    onBound: (bound) => hosts.addPort(bound),
    generation: settings.druncGeneration,
    outputs: OutputFiles.make(resolve(settings.data)),
    directory: process.cwd(),
    user: userName(),
    host: hostname(),
    shownNames: settings.envNames,
    isLocal: Ssh.isLocal,
  })
  return `${host.includes(":") ? `[${host}]` : host}:${taken}`
})
