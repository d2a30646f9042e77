// annalist open FILE|DIR: the API and the page over a recording, until a signal ends it.

import { Context, Effect, Layer } from "effect"
import * as HttpFace from "../../http/HttpFace.ts"
import { openSession } from "../../session/openSession.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import * as Progress from "../Progress.ts"
import { routeSettings, needsOf } from "../recording.ts"
import { runToEnd } from "../running.ts"
import { say } from "../say.ts"
import { load } from "../settings/load.ts"
import type { Settings } from "../settings/table.ts"
import { plain } from "../text.ts"
import { tlsOf } from "../tls.ts"
import { webRoot } from "../webRoot.ts"

export const run = async (invocation: Invocation): Promise<number> => {
  const { operands, switches, terminal } = invocation
  const [path = ""] = operands
  const settings = load(invocation, { port: "0" })
  if (settings === null) return exitCodes.wrongUsage
  const program = Effect.gen(function* () {
    const bar = Progress.make(terminal, `reading ${path}`)
    const opened = yield* openSession(path, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    if (opened.notice !== null) yield* Effect.logWarning(opened.notice)
    const face = yield* faceSettings(settings)
    const served = yield* Layer.build(Layer.provide(HttpFace.layer(face), needsOf(opened)))
    const { addresses, urlOf } = Context.get(served, HttpFace.HttpFace)
    const http = addresses.main === null ? null : urlOf(addresses.main)
    const line = switches.has("json")
      ? JSON.stringify({ ready: true, http, ccl: null, grpc: null, data: path, pid: process.pid })
      : `${plain(path)} is open, read-only, at ${http}`
    yield* say(terminal, `${line}\n`)
    return yield* Effect.never
  })
  return runToEnd(Effect.scoped(program), terminal, {
    format: settings.logFormat,
    level: settings.logLevel,
    onSignal: exitCodes.fine,
  })
}

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
