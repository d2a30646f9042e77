// A recorded session behind the routes: what they need besides it, and what they are told in place of an agent's settings.

import { hostname } from "node:os"
import { Layer } from "effect"
import * as ReadOnlyCommands from "../commands/ReadOnlyCommands.ts"
import type { RouteNeeds } from "../http/Route.ts"
import type { RouteSettings } from "../http/RouteSettings.ts"
import type { OpenedSession } from "../session/openSession.ts"
import { userName } from "./userName.ts"
import { version } from "./version.ts"

export const needsOf = ({
  layer,
  readOnlyReason,
}: Pick<OpenedSession, "layer" | "readOnlyReason">): Layer.Layer<RouteNeeds> =>
  Layer.merge(layer, ReadOnlyCommands.layer(readOnlyReason))

/** No script can be started here, so no folder is one for scripts. */
export const routeSettings = (): Omit<RouteSettings, "page"> => ({
  about: { name: "annalist", version, description: "A recorded session, read-only" },
  script: {
    fallback: "launch.sh",
    roots: [],
    closed: "this is a recording: commands go to a live agent",
    directory: process.cwd(),
    shownNames: [],
    user: userName(),
    host: hostname(),
  },
})
