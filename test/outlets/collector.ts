// A small collector of OTLP/HTTP: takes JSON, and holds every message against the names and types of the protocol's .proto files.

import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

type Json = Readonly<Record<string, unknown>>
type Check = (value: unknown, where: string) => void

const fail = (where: string, wanted: string): never => {
  throw new Error(`${where} is not ${wanted}`)
}
const text: Check = (value, where) => void (typeof value === "string" || fail(where, "a string"))
const double: Check = (value, where) => void (typeof value === "number" || fail(where, "a number"))
const truth: Check = (value, where) => void (typeof value === "boolean" || fail(where, "a boolean"))
const int64: Check = (value, where) => void (/^-?\d{1,20}$/.test(String(value)) || fail(where, "a 64-bit number"))
const nanos: Check = (value, where) =>
  void ((typeof value === "string" && /^1\d{18}$/.test(value)) || fail(where, "a time of our years in nanoseconds"))
const digits = (count: number): Check => {
  const form = new RegExp(`^(?!0+$)[0-9a-f]{${count}}$`)
  return (value, where) => void ((typeof value === "string" && form.test(value)) || fail(where, `${count} digits`))
}
const oneOf =
  (...values: ReadonlyArray<number>): Check =>
  (value, where) =>
    void (values.includes(value as number) || fail(where, `one of ${values.join(", ")}`))
const list =
  (item: Check): Check =>
  (value, where) =>
    Array.isArray(value) ? value.forEach((one, index) => item(one, `${where}[${index}]`)) : fail(where, "a list")

/** No other fields than these; those whose name ends in "!" have to be there. */
const message = (fields: Readonly<Record<string, Check>>): Check => {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace("!", ""), check]))
  const needed = Object.keys(fields).flatMap((name) => (name.endsWith("!") ? [name.slice(0, -1)] : []))
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(where, "a message")
    for (const name of needed) if (!(name in value)) fail(`${where}.${name}`, "there")
    for (const [name, one] of Object.entries(value))
      (known.get(name) ?? fail(`${where}.${name}`, "a field"))(one, `${where}.${name}`)
  }
}

/** Of a oneof exactly one is set. */
const single =
  (check: Check, ...names: ReadonlyArray<string>): Check =>
  (value, where) => {
    check(value, where)
    if (names.filter((name) => name in (value as Json)).length !== 1) fail(where, `exactly one of ${names.join(", ")}`)
  }

const anyValue = single(
  message({ stringValue: text, boolValue: truth, intValue: int64, doubleValue: double }),
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
)
const attributes = list(message({ "key!": text, "value!": anyValue }))
const resource = message({ "attributes!": attributes })
const scope = message({ "name!": text, version: text })
const spanEvent = message({ "timeUnixNano!": nanos, "name!": text, attributes })
const span = message({
  "traceId!": digits(32),
  "spanId!": digits(16),
  parentSpanId: digits(16),
  "name!": text,
  "kind!": oneOf(1, 2, 3, 4, 5),
  "startTimeUnixNano!": nanos,
  "endTimeUnixNano!": nanos,
  attributes,
  events: list(spanEvent),
  status: message({ message: text, code: oneOf(0, 1, 2) }),
})
const points = list(
  single(
    message({ attributes, startTimeUnixNano: nanos, "timeUnixNano!": nanos, asDouble: double, asInt: int64 }),
    "asDouble",
    "asInt",
  ),
)
const metric = single(
  message({
    "name!": text,
    description: text,
    unit: text,
    gauge: message({ "dataPoints!": points }),
    sum: message({ "dataPoints!": points, "aggregationTemporality!": oneOf(1, 2), "isMonotonic!": truth }),
  }),
  "gauge",
  "sum",
)
const requests: Readonly<Record<string, Check>> = {
  "/v1/traces": message({
    "resourceSpans!": list(
      message({ "resource!": resource, "scopeSpans!": list(message({ "scope!": scope, "spans!": list(span) })) }),
    ),
  }),
  "/v1/metrics": message({
    "resourceMetrics!": list(
      message({ "resource!": resource, "scopeMetrics!": list(message({ "scope!": scope, "metrics!": list(metric) })) }),
    ),
  }),
}

export interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, string | number | boolean>>
}

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<Attribute>
  readonly events: ReadonlyArray<{ readonly name: string; readonly attributes: ReadonlyArray<Attribute> }>
  readonly status: { readonly code?: number; readonly message?: string }
}

interface Points {
  readonly dataPoints: ReadonlyArray<{ readonly attributes: ReadonlyArray<Attribute>; readonly asDouble: number }>
}

export interface Metric {
  readonly name: string
  readonly unit: string
  readonly gauge?: Points
  readonly sum?: Points & { readonly isMonotonic: boolean; readonly aggregationTemporality: number }
}

/** While it is `shut` it answers 503. What it takes and is not as the protocol wants it stands in `faults`. */
export const collector = async () => {
  const spans: Array<Span> = []
  const metrics: Array<Metric> = []
  const resources: Array<Json> = []
  const faults: Array<string> = []
  const door = { shut: false, turned: 0 }
  const take = (path: string, body: Json) => {
    requests[path]?.(body, path)
    for (const group of (body["resourceSpans"] ?? body["resourceMetrics"]) as ReadonlyArray<Json>) {
      resources.push(group["resource"] as Json)
      for (const one of (group["scopeSpans"] ?? group["scopeMetrics"]) as ReadonlyArray<Json>) {
        spans.push(...((one["spans"] ?? []) as Array<Span>))
        metrics.push(...((one["metrics"] ?? []) as Array<Metric>))
      }
    }
  }
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
    request.on("end", () => {
      if (door.shut) {
        door.turned++
        return response.writeHead(503).end()
      }
      const { method, url = "", headers } = request
      if (method !== "POST" || requests[url] === undefined || headers["content-type"] !== "application/json")
        faults.push(`${method} ${url} of ${headers["content-type"]}`)
      try {
        take(url, JSON.parse(body) as Json)
      } catch (error) {
        faults.push(String(error))
      }
      return response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, spans, metrics, resources, faults, door, close: () => server.close() }
}
