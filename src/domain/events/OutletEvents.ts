// What leaves the agent by itself, to a broker or a webhook: from where on, how far it has come, and when it could not.

import { Schema } from "effect"

const outlet = Schema.Literal("webhook", "mqtt", "otlp")

/** From here on everything of its kind is owed to that address. */
const OutletOpened = Schema.TaggedStruct("OutletOpened", { outlet, to: Schema.String })

/** Nothing is owed any more: the agent was started without it. */
const OutletClosed = Schema.TaggedStruct("OutletClosed", { outlet })

/** Everything up to this position has been delivered, or was given up after its last try. */
const OutletAdvanced = Schema.TaggedStruct("OutletAdvanced", {
  outlet,
  through: Schema.Int,
  givenUp: Schema.optional(Schema.String),
})

/** Told once when deliveries begin to fail, and once when they are taken again. */
const OutletFailed = Schema.TaggedStruct("OutletFailed", { outlet, reason: Schema.String })
const OutletRecovered = Schema.TaggedStruct("OutletRecovered", { outlet })

export const OutletEvent = Schema.Union(OutletOpened, OutletClosed, OutletAdvanced, OutletFailed, OutletRecovered)
export type OutletEvent = typeof OutletEvent.Type
export type OutletName = typeof outlet.Type
