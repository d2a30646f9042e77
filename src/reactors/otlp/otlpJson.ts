// The JSON form of OTLP's protocol buffers: names in camel case, 64-bit numbers as text, ids in hexadecimal.

import type { Attributes, Span } from "../../domain/tracing/Spans.ts"
import { type Family, known, sampleName } from "../../projections/metrics/Family.ts"

export interface Origin {
  readonly node: string
  readonly version: string
}

const internalKind = 1
const errorStatus = 2
const cumulative = 2

export const traces = (spans: ReadonlyArray<Span>, origin: Origin): string =>
  JSON.stringify({
    resourceSpans: [
      { resource: resourceOf(origin), scopeSpans: [{ scope: scopeOf(origin), spans: spans.map(spanOf) }] },
    ],
  })

export const metrics = (families: ReadonlyArray<Family>, at: number, origin: Origin): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: resourceOf(origin),
        scopeMetrics: [
          {
            scope: scopeOf(origin),
            metrics: families.filter((family) => known(family).length > 0).map((family) => metricOf(family, at)),
          },
        ],
      },
    ],
  })

const resourceOf = ({ node, version }: Origin) => ({
  attributes: attributesOf({
    "service.name": "annalist",
    "service.instance.id": node,
    "service.version": version,
  }),
})

const scopeOf = ({ version }: Origin) => ({ name: "annalist", version })

const spanOf = ({ context, name, start, end, failure, attributes, events }: Span) => ({
  traceId: context.traceId,
  spanId: context.spanId,
  ...(context.parentSpanId === null ? {} : { parentSpanId: context.parentSpanId }),
  name,
  kind: internalKind,
  startTimeUnixNano: nanos(start),
  endTimeUnixNano: nanos(Math.max(start, end)),
  attributes: attributesOf(attributes),
  events: events.map((event) => ({
    timeUnixNano: nanos(event.at),
    name: event.name,
    attributes: attributesOf(event.attributes),
  })),
  status: failure === null ? {} : { code: errorStatus, message: failure },
})

const metricOf = (family: Family, at: number) => {
  const dataPoints = known(family).map(({ labels, value }) => ({
    attributes: attributesOf(labels ?? {}),
    timeUnixNano: nanos(at),
    asDouble: value,
  }))
  return {
    name: sampleName(family),
    description: family.help,
    unit: unitOf(family.name),
    ...(family.type === "gauge"
      ? { gauge: { dataPoints } }
      : { sum: { dataPoints, aggregationTemporality: cumulative, isMonotonic: true } }),
  }
}

const units: ReadonlyArray<readonly [string, string]> = [
  ["_bytes", "By"],
  ["_seconds", "s"],
  ["_ratio", "1"],
]

const unitOf = (name: string): string => units.find(([suffix]) => name.endsWith(suffix))?.[1] ?? ""

const attributesOf = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === "string"
        ? { stringValue: value }
        : Number.isSafeInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
  }))

/** Wall times are whole microseconds; more of a double is no more exact. */
const nanos = (micros: number): string => `${Math.round(micros)}000`
