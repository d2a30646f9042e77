// What a webhook or a broker is told of an alert that was raised or cleared.

import type { Envelope } from "../../domain/Envelope.ts"
import { isoTime } from "../../domain/Moment.ts"

/** null for every other event. */
export const alertMessage = ({ event, position, at }: Envelope, node: string) => {
  if (event._tag !== "AlertRaised" && event._tag !== "AlertCleared") return null
  const { rule, subject } = event
  const place = { node, position, at: isoTime(at) }
  if (event._tag === "AlertCleared")
    return { ...place, state: "cleared", rule, subject, alert: event.alert, reason: event.reason }
  const { severity, name, sentence, value } = event
  return { ...place, state: "raised", rule, subject, severity, name, sentence, value }
}
