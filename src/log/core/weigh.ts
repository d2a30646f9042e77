// How much an event weighs, about, and whether a log can take it at all: found before anything is written.

import type { Event } from "../../domain/Event.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"

/** Deeper nesting than any honest event has; stacks of readers must not depend on what was written. */
const MAX_DEPTH = 64

export type Weight = number | { readonly refused: string }

export const weigh = (event: Event, limitBytes: number): Weight => {
  const quick = "communicator" in event && event.extra === null ? weighCollective(event) : null
  if (quick !== null) return quick
  const scale = { left: limitBytes, refused: "" }
  put(scale, event, 0)
  if (scale.refused !== "") return { refused: scale.refused }
  if (scale.left < 0) return { refused: `an event may weigh ${limitBytes} bytes at most` }
  return limitBytes - scale.left
}

/** These come by the hundred thousand and are small, so their few texts are looked at without a walk; null when one is odd. */
const weighCollective = (event: CollectiveEvent): number | null => {
  const { reporter, communicator, op, filename } = event
  const texts = lengthOf(communicator) + lengthOf(op) + lengthOf(filename)
  const whose = lengthOf(reporter.key) + lengthOf(reporter.runId) + lengthOf(reporter.host)
  const kinds = "algorithm" in event ? lengthOf(event.algorithm) + lengthOf(event.dataType) : 0
  const bytes = COLLECTIVE_BYTES + texts + whose + kinds
  return bytes < SMALL_BYTES ? bytes : null
}

/** The numbers of a collective, and its share of the block. */
const COLLECTIVE_BYTES = 60
const SMALL_BYTES = 4096

const lengthOf = (text: string | null): number => {
  if (typeof text === "string") return text.length
  return text === null ? 0 : SMALL_BYTES
}

interface Scale {
  left: number
  refused: string
}

const put = (scale: Scale, value: unknown, depth: number): void => {
  switch (typeof value) {
    case "string":
      // A character takes up to three bytes, but a text that long is measured before it is called too long.
      scale.left -= value.length < 1024 ? value.length + 2 : Buffer.byteLength(value) + 5
      return
    case "number":
    case "bigint":
      scale.left -= 9
      return
    case "object":
      return value === null ? undefined : putObject(scale, value, depth)
    case "boolean":
    case "undefined":
      scale.left -= 1
      return
    case "function":
    case "symbol":
      scale.refused = `a ${typeof value} is no data`
  }
}

const putObject = (scale: Scale, value: object, depth: number): void => {
  if (depth >= MAX_DEPTH) {
    scale.refused = `an event may be nested ${MAX_DEPTH} deep at most`
    return
  }
  scale.left -= 3
  if (Array.isArray(value)) {
    for (const item of value) {
      put(scale, item, depth + 1)
      if (scale.left < 0 || scale.refused !== "") return
    }
    return
  }
  if (ArrayBuffer.isView(value)) {
    scale.left -= value.byteLength
    return
  }
  const fields = value as { readonly [field: string]: unknown }
  for (const field in fields) {
    // Names are stored once a block; two bytes stand for their share.
    scale.left -= 2
    put(scale, fields[field], depth + 1)
    if (scale.left < 0 || scale.refused !== "") return
  }
}
