// The gRPC face of a live agent, as the settings want it; its libraries are loaded only where its port is on.

import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { join, resolve } from "node:path"
import { Context, Effect, Layer } from "effect"
import * as OutputFiles from "../reactors/supervisor/OutputFiles.ts"
import * as Ssh from "../reactors/supervisor/Ssh.ts"
import { doorOf } from "./doorOf.ts"
import { packageRoot } from "./packageRoot.ts"
import type { Settings } from "./settings/table.ts"
import { userName } from "./userName.ts"

/** The address that answers; null where the port is off. */
export class GrpcAddress extends Context.Tag("annalist/GrpcAddress")<GrpcAddress, string | null>() {}

export const layer = (settings: Settings) => Layer.scoped(GrpcAddress, make(settings))

const make = Effect.fn("grpc")(function* (settings: Settings) {
  const { grpcPort: port, host } = settings
  if (port === null) return null
  const { door, tokens, tls, addPort } = yield* doorOf(settings, host)
  const protoDirectory = join(packageRoot(), "src", "grpc", "proto")
  const { open } = yield* Effect.promise(() => import("../grpc/GrpcFace.ts"))
  const taken = yield* open({
    address: host,
    port,
    protoDirectory,
    descriptors: readFileSync(join(protoDirectory, "descriptors.binpb")),
    tls,
    doorway: { door, tokens },
    onBound: addPort,
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
