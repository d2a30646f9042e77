// What leaves the agent by itself, as the settings want it; the parts of those that are off are never loaded.

import { Effect, Layer } from "effect"
import * as ClosedOutlets from "../reactors/outlets/ClosedOutlets.ts"
import type { Settings } from "./settings/table.ts"

export const outlets = (settings: Settings) => {
  const { alertWebhook: url, nodeId: node } = settings
  return Layer.mergeAll(
    ClosedOutlets.layer(url === null ? ["webhook"] : []),
    url === null
      ? Layer.empty
      : Layer.unwrapEffect(
          Effect.map(
            Effect.promise(() => import("../reactors/alerts/Webhook.ts")),
            (Webhook) => Webhook.layer({ url, node }),
          ),
        ),
  )
}
