// The agent at a collector of OpenTelemetry: spans of processes and jobs that join their caller's and their children's, and metrics.

import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, type Running, scratch, serve, until } from "../program.ts"
import { collector, type Span } from "./collector.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const spanId = "00f067aa0ba902b7"

describe("an agent with a collector", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let taker: Awaited<ReturnType<typeof collector>>
  let agent: Running

  const start = async () => {
    agent = await serve(["agent", ...quietPorts, "--data", "data", "--telemetry-interval", "0.2"], {
      cwd: folder.path,
      // Of the agent itself, and nobody else's.
      env: { ANNALIST_OTLP_URL: taker.url, TRACEPARENT: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    })
  }
  const ask = async <T>(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> => {
    const asked = { method: "POST", headers: { "content-type": "application/json", ...headers } }
    const init = body === undefined ? {} : { ...asked, body: JSON.stringify(body) }
    return (await (await fetch(new URL(path, agent.ready.http), init)).json()) as T
  }
  const spanNamed = (name: string): Promise<Span> =>
    until(() => Promise.resolve(taker.spans.find((one) => one.name === name) ?? null), `the span ${name}`, 30_000)
  const boot = (name: string, line: string, headers: Readonly<Record<string, string>> = {}) =>
    ask<{ id: string }>("/v1/processes", { argv: ["/bin/sh", "-c", line], name }, headers)
  const printed = async (id: string): Promise<string> =>
    until(async () => {
      const response = await fetch(new URL(`/v1/processes/${id}/logs`, agent.ready.http))
      return /00-\w+-\w+-\w\w/.exec(await response.text())?.[0] ?? null
    }, "what it printed")

  beforeAll(async () => {
    folder = await scratch()
    taker = await collector()
    await writeFile(join(folder.path, "tell.sh"), "echo $TRACEPARENT\n")
    await writeFile(join(folder.path, "job.sh"), `echo $TRACEPARENT >"${join(folder.path, "told")}"\n`)
    await start()
  }, 60_000)
  afterAll(async () => {
    await agent.stop()
    taker.close()
    await folder.remove()
  })

  it("continues the caller's trace in the process, and tells of its life", async () => {
    const { id } = await boot("joined", "echo $TRACEPARENT; exit 3", { traceparent: `00-${traceId}-${spanId}-01` })
    const span = await spanNamed("joined")
    expect(span).toMatchObject({ traceId, parentSpanId: spanId, status: { code: 2, message: "exit 3" } })
    expect(await printed(id)).toBe(`00-${traceId}-${span.spanId}-01`)
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
    expect(span.attributes).toContainEqual({ key: "annalist.process.id", value: { stringValue: id } })
    expect(span.attributes).toContainEqual({ key: "process.exit.code", value: { intValue: "3" } })
  }, 60_000)

  it("begins a trace where there is none to continue, and tells nothing of what a caller does not sample", async () => {
    const { id: silent } = await boot("silent", "echo $TRACEPARENT", { traceparent: `00-${traceId}-${spanId}-00` })
    const { id } = await boot("alone", "echo $TRACEPARENT", { traceparent: `00-${"0".repeat(32)}-${spanId}-01` })
    const span = await spanNamed("alone")
    expect(span).not.toHaveProperty("parentSpanId")
    expect(span.status).toEqual({})
    expect(await printed(id)).toBe(`00-${span.traceId}-${span.spanId}-01`)
    expect(await printed(silent)).toMatch(new RegExp(`^00-${traceId}-\\w{16}-00$`))
    expect(taker.spans.map(({ name }) => name)).not.toContain("silent")
  }, 60_000)

  it("tells of a script, of a job and of its routines, and an alert at once", async () => {
    await ask("/start", { script_path: "tell.sh" }, { traceparent: `00-${traceId}-${spanId}-01` })
    expect(await spanNamed("tell.sh")).toMatchObject({ traceId, parentSpanId: spanId })

    const when = { kind: "threshold", metric: "host.processes", above: 0 }
    await ask("/v1/alerts/rules", { name: "many", when, severity: "info" })
    const alert = await spanNamed("alert many")
    expect(alert.events).toMatchObject([{ name: "the host", attributes: [{ key: "annalist.sentence" }] }])

    await ask("/api/flows", {
      flow_id: "telling",
      dsl_dict: { routines: { teller: { class: "annalist.Shell", config: { script: "job.sh" } } } },
    })
    await ask("/api/jobs", { flow_id: "telling", entry_routine_id: "teller", entry_slot: "input", entry_params: {} })
    const job = await spanNamed("telling")
    expect(await readFile(join(folder.path, "told"), "utf8")).toBe(`00-${job.traceId}-${job.spanId}-01\n`)
    expect(await spanNamed("teller")).toMatchObject({ traceId: job.traceId, parentSpanId: job.spanId, status: {} })
  }, 60_000)

  it("tells metrics under the names that a scrape has", async () => {
    const named = (name: string) =>
      until(() => Promise.resolve(taker.metrics.find((one) => one.name === name) ?? null), name, 30_000)
    expect(await named("annalist_host_memory_size_bytes")).toMatchObject({ unit: "By", gauge: { dataPoints: [{}] } })
    const seconds = await named("annalist_host_cpu_seconds_total")
    expect(seconds).toMatchObject({ unit: "s", sum: { isMonotonic: true, aggregationTemporality: 2 } })
    expect(seconds.sum?.dataPoints.map(({ attributes }) => attributes[0]?.value["stringValue"])).toEqual([
      "busy",
      "idle",
    ])
    expect(taker.resources[0]).toMatchObject({
      attributes: expect.arrayContaining([{ key: "service.name", value: { stringValue: "annalist" } }]) as unknown,
    })
  }, 60_000)

  it("owes what a collector does not take, over a killed agent, and says so", async () => {
    taker.door.shut = true
    await boot("owed", "true")
    await until(() => Promise.resolve(taker.door.turned > 0 || null), "a message that was turned away", 30_000)
    const ready = await until(async () => {
      const answer = await ask<{ status: string; reasons: ReadonlyArray<string> }>("/v1/health/ready")
      return answer.status === "degraded" ? answer : null
    }, "the degradation")
    expect(ready.reasons).toEqual(["outlet otlp does not deliver: it answered 503"])
    await agent.stop("SIGKILL")
    taker.door.shut = false
    await start()
    await spanNamed("owed")
    await until(
      async () => ((await ask<{ status: string }>("/v1/health/ready")).status === "pass" ? true : null),
      "recovery",
      30_000,
    )
    // Only those of before the end that were not noted as told may come again, and then as the same spans.
    const ids = (name: string) => new Set(taker.spans.filter((one) => one.name === name).map((one) => one.spanId))
    expect(["joined", "alone", "owed"].map((name) => ids(name).size)).toEqual([1, 1, 1])
    expect(taker.faults).toEqual([])
  }, 90_000)
})
