// What leaves the agent by itself, as the settings want it; the parts of those that are off are never loaded.

import { Effect, Layer } from "effect"
import type { OutletName } from "../domain/events/OutletEvents.ts"
import * as ClosedOutlets from "../reactors/outlets/ClosedOutlets.ts"
import type { Settings } from "./settings/table.ts"
import { version } from "./version.ts"

export const outlets = (settings: Settings) => {
  const { alertWebhook, mqttPort, mqttUrl, otlpUrl } = settings
  const speaksMqtt = mqttUrl !== null || mqttPort !== null
  const off: ReadonlyArray<OutletName> = [
    ...(alertWebhook === null ? ["webhook" as const] : []),
    ...(speaksMqtt ? [] : ["mqtt" as const]),
    ...(otlpUrl === null ? ["otlp" as const] : []),
  ]
  return Layer.mergeAll(
    ClosedOutlets.layer(off),
    alertWebhook === null ? Layer.empty : webhook(alertWebhook, settings.nodeId),
    speaksMqtt ? mqtt(settings) : Layer.empty,
    otlpUrl === null ? Layer.empty : otlp(otlpUrl, settings.nodeId),
  )
}

const webhook = (url: string, node: string) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("../reactors/alerts/Webhook.ts")),
      (Webhook) => Webhook.layer({ url, node }),
    ),
  )

const otlp = (url: string, node: string) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("../reactors/otlp/Otlp.ts")),
      (Otlp) => Otlp.layer({ url, node, version }),
    ),
  )

const mqtt = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("../reactors/mqtt/Mqtt.ts")),
      (Mqtt) =>
        Mqtt.layer({
          url: settings.mqttUrl,
          own: settings.mqttPort === null ? null : { host: settings.host, port: settings.mqttPort },
          domain: settings.domainId,
          channel: settings.channelId,
          proplet: settings.nodeId,
          username: settings.mqttUsername,
          passwordFile: settings.mqttPasswordFile,
          caFile: settings.mqttCaFile,
          takesCommands: settings.mqttCommands,
          compresses: settings.mqttCompression === "gzip",
          profile: settings.profile,
          profileInterval: settings.profileInterval,
          shownNames: settings.envNames,
        }),
    ),
  )
