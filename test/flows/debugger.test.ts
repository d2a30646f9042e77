// The debugger's routes on the real program: hit counts, logpoints, past pauses, steps back, and a run again from a step.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { until } from "../program.ts"
import { type Agent, agent, dataProcessing, entry, type Fields } from "./drive.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

/** A burst of so many calls of one slot. */
const burst = {
  flow_id: "burst",
  dsl_dict: {
    routines: { run: { class: "odd.Burst" }, last: { class: "odd.Sink" } },
    connections: [{ from: "run.out", to: "last.run" }],
  },
}

describe("a job under the debugger", () => {
  let running: Agent
  beforeAll(async () => {
    running = await agent({ args: ["--evaluate", "on"] })
    expect((await running.ask("POST", "/api/flows", dataProcessing("demo"))).status).toBe(201)
    expect((await running.ask("POST", "/api/flows", burst)).status).toBe(201)
  })
  afterAll(() => running.close())

  const start = async (fields: Fields) => {
    const { status, body } = await running.ask("POST", "/api/jobs", fields)
    expect([status, body["detail"]]).toEqual([201, undefined])
    return String(body["job_id"])
  }
  const paused = (job: string) =>
    until(async () => {
      const { body } = await running.ask("GET", `/api/jobs/${job}/debug/session`)
      return body["status"] === "paused" ? body : null
    }, `a pause of ${job}`)

  it("stops at the hit that is asked for, and logpoints write without stopping", async () => {
    const job = await start({
      flow_id: "burst",
      entry_routine_id: "run",
      entry_slot: "run",
      entry_params: { count: 10 },
      breakpoints: [
        { routine_id: "last", passes: 7 },
        { routine_id: "last", log_message: "n is {n}", condition: "n % 4 == 0" },
      ],
    })
    await paused(job)
    const { body } = await running.ask("GET", `/api/jobs/${job}/debug/variables`)
    expect(body["variables"]).toMatchObject({ local: { n: 7 } })
    await running.ask("POST", `/api/jobs/${job}/cancel`)
    const { body: breakpoints } = await running.ask("GET", `/api/jobs/${job}/breakpoints`)
    expect((breakpoints["breakpoints"] as ReadonlyArray<Fields>).map((one) => one["hit_count"])).toEqual([8, 2])
    const { body: logs } = await running.ask("GET", `/api/jobs/${job}/logs`)
    expect((logs["logs"] as ReadonlyArray<Fields>).map((one) => one["message"])).toEqual(["n is 0", "n is 4"])
  })

  it("shows a pause that is long over, goes back call by call, and runs again from one of them", async () => {
    const job = await start({ ...entry(), breakpoints: [{ routine_id: "validate" }] })
    await paused(job)
    const at = `/api/jobs/${job}/debug`
    const stack = await running.ask("GET", `${at}/call_stack`)
    expect((stack.body["frames"] as ReadonlyArray<Fields>).map((one) => one["routine_id"])).toEqual([
      "validate",
      "process",
      "ingest",
    ])
    const value = await running.ask("POST", `${at}/evaluate`, { expression: "sum(result) + len(shared_data)" })
    expect(value.body).toMatchObject({ result: 31, error: null })
    const { body: then } = await running.ask("GET", "/v1/state")
    await running.ask("POST", `${at}/continue`)
    await running.over(job)
    expect((await running.ask("GET", `${at}/variables`)).status).toBe(404)
    const past = await running.ask("GET", `${at}/variables?at=${String(then["position"])}`)
    expect(past.body).toMatchObject({ routine_id: "validate", variables: { local: { result: [2, 4, 6, 8, 10] } } })

    const places: Array<unknown> = []
    let back = await running.ask("GET", `${at}/step_back`)
    while (back.status === 200) {
      places.push(back.body["routine_id"])
      back = await running.ask("GET", `${at}/step-back?at=${String(back.body["position"])}`)
    }
    expect([places, back.status]).toEqual([["validate", "process", "ingest"], 409])

    const { body: trace } = await running.ask("GET", `/api/jobs/${job}/trace`)
    const call = (trace["events"] as ReadonlyArray<Fields>).find((one) => one["routine_id"] === "process")?.["call"]
    const again = await running.ask("POST", `/api/jobs/${job}/run_again`, { call, entry_params: { data: [50] } })
    expect(again.status).toBe(201)
    await running.over(String(again.body["job_id"]))
    const steps = await running.ask("GET", `/api/jobs/${String(again.body["job_id"])}/trace`)
    expect(steps.body["events"]).toContainEqual(
      expect.objectContaining({ routine_id: "process", data: { result: { result: [100] } } }),
    )
    expect((await running.ask("POST", `/api/jobs/${job}/run_again`, { call: 99 })).status).toBe(404)
  })

  it("warns when a breakpoint will hold up the ranks of a collective", async () => {
    const job = await start({ ...entry(), paused: true })
    const plain = await running.ask("POST", `/api/jobs/${job}/breakpoints`, { routine_id: "process" })
    expect(plain.body["warnings"]).toEqual([])
    for (const rank of [0, 1]) {
      const record = {
        opType: "allreduce",
        context_rank: rank,
        context_size: 2,
        startTime: 1,
        run_id: job,
        pid: 100 + rank,
      }
      expect((await running.ask("POST", "/log_ccl", { ...record, finished: false })).status).toBe(200)
    }
    const { body } = await running.ask("POST", `/api/jobs/${job}/breakpoints`, { routine_id: "process" })
    expect(body["warnings"]).toEqual([expect.stringMatching(/^ranks 0, 1 of communicator .* may be called hung$/)])
    await running.ask("POST", `/api/jobs/${job}/cancel`)
  })
})
