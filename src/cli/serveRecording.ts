// The face of a recorded session: the API and the page on a free port, for as long as the scope.

import { Context, Effect, Layer } from "effect"
import * as HttpFace from "../http/HttpFace.ts"
import type { RouteNeeds } from "../http/Route.ts"
import type { Replay } from "../session/replay/openReplay.ts"
import type { Invocation } from "./Command.ts"
import { routeSettings } from "./recording.ts"
import { say } from "./say.ts"
import type { Settings } from "./settings/table.ts"
import { tlsOf } from "./tls.ts"
import { webRoot } from "./webRoot.ts"

/** Serves it for as long as the scope, and says where once it answers. */
export const serveRecording = (
  { switches, terminal }: Invocation,
  settings: Settings,
  needs: Layer.Layer<RouteNeeds>,
  shown: { readonly data: string; readonly replay?: Replay; readonly line: (http: string | null) => string },
) =>
  Effect.gen(function* () {
    const face = yield* faceSettings(settings)
    const served = yield* Layer.build(Layer.provide(HttpFace.layer({ ...face, replay: shown.replay ?? null }), needs))
    const { addresses, urlOf } = Context.get(served, HttpFace.HttpFace)
    const http = addresses.main === null ? null : urlOf(addresses.main)
    const line = switches.has("json")
      ? JSON.stringify({ ready: true, http, ccl: null, grpc: null, data: shown.data, pid: process.pid })
      : shown.line(http)
    yield* say(terminal, `${line}\n`)
  })

const faceSettings = (settings: Settings) =>
  Effect.map(tlsOf(settings), (tls): HttpFace.HttpFaceSettings => ({
    ...routeSettings(),
    host: settings.host,
    ports: { main: settings.port ?? "off", ccl: "off", extra: [] },
    tokenFile: settings.tokenFile,
    allowedOrigins: settings.allowedOrigins,
    allowedHosts: settings.allowedHosts,
    tls,
    webRoot: webRoot(),
  }))
