// Seed 003's complete example on the real program: three routines, a job by HTTP, its metrics, its trace.

import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { root } from "../program.ts"
import { type Agent, agent, dataProcessing, dataProcessingSteps, entry, type Fields } from "./drive.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

describe("the complete example of seed 003", () => {
  let running: Agent
  beforeAll(async () => {
    running = await agent()
  })
  afterAll(() => running.close())

  it.each([
    ["JavaScript", "demo"],
    ["TypeScript", "typed"],
    ["Python", "pipeline"],
  ])("runs with routines in %s", async (_, file) => {
    const { ask } = running
    const flow = await ask("POST", "/api/flows", dataProcessing(file, file))
    expect([flow.status, flow.body["flow_id"]]).toEqual([201, file])
    const started = await ask("POST", "/api/jobs", entry(file))
    expect(started.status).toBe(201)
    const job = String(started.body["job_id"])
    expect(await running.over(job)).toMatchObject({ status: "completed", error: null })
    const metrics = await ask("GET", `/api/jobs/${job}/metrics`)
    expect(metrics.body).toMatchObject({
      job_id: job,
      flow_id: file,
      status: "completed",
      total_routines: 3,
      completed_routines: 3,
      failed_routines: 0,
      total_events: 5,
    })
    expect(metrics.body["duration_ms"]).toBeGreaterThan(0)
    const trace = await ask("GET", `/api/jobs/${job}/trace`)
    const events = trace.body["events"] as ReadonlyArray<Fields>
    expect(events.map((one) => `${String(one["event_type"])} ${String(one["routine_id"])}`)).toEqual(
      dataProcessingSteps,
    )
    expect(events.at(-1)).toMatchObject({ status: "completed", data: { result: { valid: true } } })
    expect(trace.body["total"]).toBe(dataProcessingSteps.length)
  })

  it("answers the documents' access calls in Python, through the helper", async () => {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [join(root, "test", "flows", "access.py")], {
      env: {
        ANNALIST_URL: running.http,
        PYTHONPATH: [join(root, "reporters"), join(running.folder, "routines")].join(":"),
        PYTHONDONTWRITEBYTECODE: "1",
      },
    })
    expect(JSON.parse(stdout)).toEqual({
      was_enabled: false,
      is_enabled: true,
      status: "completed",
      total_events: 5,
      took: true,
      trace: dataProcessingSteps,
      routine: [1, true],
      // It is over: nothing of it can be stopped any more.
      refused: 409,
      capacity: 100,
      removed: true,
    })
  })

  it("tells its health, and a job of the past as it stood then", async () => {
    const { ask } = running
    expect(await ask("GET", "/api/health")).toEqual({ status: 200, body: { status: "healthy" } })
    const { body } = await ask("GET", "/api/jobs?limit=1")
    const [job] = body["jobs"] as ReadonlyArray<Fields>
    const id = String(job?.["job_id"])
    const { body: trace } = await ask("GET", `/api/jobs/${id}/trace`)
    const [first] = trace["events"] as ReadonlyArray<Fields>
    const then = await ask("GET", `/api/jobs/${id}/metrics?at=${String(first?.["position"])}`)
    expect(then.body).toMatchObject({ status: "running", completed_routines: 0, total_slot_calls: 1 })
  })
})
