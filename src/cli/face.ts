// The HTTP face of a live agent, as the settings want it.

import { hostname } from "node:os"
import { resolve } from "node:path"
import { Effect, Layer } from "effect"
import * as HttpFace from "../http/HttpFace.ts"
import type { Tls } from "../http/server/Listener.ts"
import * as OutputFiles from "../reactors/supervisor/OutputFiles.ts"
import type { Settings } from "./settings/table.ts"
import { tlsOf } from "./tls.ts"
import { userName } from "./userName.ts"
import { version } from "./version.ts"
import { webRoot } from "./webRoot.ts"

/** What a program that serves says once it answers; null for a port that is off. */
export interface Served {
  readonly http: string | null
  readonly ccl: string | null
  readonly extra: ReadonlyArray<string>
}

export const layer = (settings: Settings) =>
  Layer.unwrapEffect(Effect.map(tlsOf(settings), (tls) => HttpFace.layer(faceSettings(settings, tls))))

export const served: Effect.Effect<Served, never, HttpFace.HttpFace> = Effect.map(
  HttpFace.HttpFace,
  ({ addresses, urlOf }) => ({
    http: addresses.main === null ? null : urlOf(addresses.main),
    ccl: addresses.ccl === null ? null : urlOf(addresses.ccl),
    extra: addresses.extra.map(urlOf),
  }),
)

const faceSettings = (settings: Settings, tls: Tls | null): HttpFace.HttpFaceSettings => ({
  host: settings.host,
  ports: {
    main: settings.port ?? "off",
    ccl: settings.cclPort ?? "off",
    extra: settings.extraPorts,
  },
  tokenFile: settings.tokenFile,
  allowedOrigins: settings.allowedOrigins,
  allowedHosts: settings.allowedHosts,
  tls,
  webRoot: webRoot(),
  outputs: OutputFiles.make(resolve(settings.data)),
  mayEvaluate: settings.evaluate,
  about: { name: "annalist", version, description: "A process agent that writes everything down" },
  tasks: {
    profile: settings.profile,
    profileInterval: settings.profileInterval,
    proplet: settings.nodeId,
    namespace: settings.domainId,
  },
  script: {
    fallback: settings.script,
    roots: settings.scriptRoots.map((root) => resolve(root)),
    directory: process.cwd(),
    shownNames: settings.envNames,
    user: userName(),
    host: hostname(),
  },
})
