// Bad input and routines that misbehave, on the real program: a typed error in the job or a refusal in words, and the rest unharmed.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Agent, agent, dataProcessing, entry, type Fields } from "./drive.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 })

const misbehaving: ReadonlyArray<readonly [className: string, slot: string, error: RegExp]> = [
  ["odd.Throws", "run", /^RangeError: no such thing$/],
  ["odd.Rejects", "run", /^TypeError: later$/],
  ["odd.Hangs", "run", /^TimedOut: /],
  ["odd.Exits", "run", /^HostLost: /],
  ["odd.Unserialisable", "run", /^NotSerialisable: .*inner\[0\]/],
  ["odd.Circular", "run", /^NotSerialisable: /],
  ["odd.Undeclared", "run", /^EventNotFound: /],
  ["shell.Garbage", "input", /^ProtocolError: it wrote "this is no JSON"/],
  ["shell.Loud", "input", /^ProtocolError: a line is too long/],
  ["shell.Quits", "input", /^HostLost: it ended with 3$/],
  ["shell.Hangs", "input", /^TimedOut: /],
]

describe("the program", () => {
  let running: Agent
  beforeAll(async () => {
    running = await agent({
      prepare: (folder) => {
        writeFileSync(join(folder, "echo.sh"), 'read -r line; echo "$1 $line"; exit "${2:-0}"\n')
      },
    })
    expect((await running.ask("POST", "/api/flows", dataProcessing("demo"))).status).toBe(201)
  })
  afterAll(() => running.close())

  const define = (flow: string, routines: Fields, connections: ReadonlyArray<Fields> = [], execution: Fields = {}) =>
    running.ask("POST", "/api/flows", { flow_id: flow, dsl_dict: { routines, connections, execution } })
  const job = async (flow: string, routine: string, slot: string, fields: Fields = {}) => {
    const asked = { flow_id: flow, entry_routine_id: routine, entry_slot: slot, entry_params: fields }
    const { status, body } = await running.ask("POST", "/api/jobs", asked)
    expect([status, body["detail"]]).toEqual([201, undefined])
    return running.over(String(body["job_id"]))
  }
  const isWell = async () => {
    const { body } = await running.ask("POST", "/api/jobs", entry())
    expect((await running.over(String(body["job_id"])))["status"]).toBe("completed")
  }

  it.each(misbehaving)("ends the job of %s with its error, and goes on", async (className, slot, error) => {
    const flow = className.replace(".", "-")
    // A program has to be started first.
    const timeout = className.startsWith("shell") ? 5 : 0.5
    expect((await define(flow, { run: { class: className, config: { timeout } } })).status).toBe(201)
    const ended = await job(flow, "run", slot, { text: "x" })
    expect(ended["status"]).toBe("failed")
    expect(ended["error"]).toMatch(error)
    await isWell()
  })

  it("lets a routine print a hundred megabytes", async () => {
    await define("loud", { run: { class: "odd.Prints" } })
    expect((await job("loud", "run", "run"))["status"]).toBe("completed")
    await isWell()
  })

  it("ends a circle with the time that its flow may take, and names it beforehand", async () => {
    const round = [
      { from: "one.out", to: "two.run" },
      { from: "two.out", to: "one.run" },
    ]
    await define("circle", { one: { class: "odd.Echo" }, two: { class: "odd.Echo" } }, round, { timeout: 1 })
    const { body } = await running.ask("POST", "/api/flows/circle/validate")
    expect(body).toEqual({ valid: false, issues: ["Circle: one → two → one"] })
    expect((await job("circle", "one", "run", { n: 1 }))["error"]).toMatch(/^TimedOut: the job took more than 1 s$/)
    await isWell()
  })

  it("refuses what cannot be, and says what would be right", async () => {
    const refused = async (method: string, path: string, body: unknown) => {
      const answer = await running.ask(method, path, body)
      return [answer.status, answer.body["detail"]]
    }
    const flow = (routines: Fields, connections: ReadonlyArray<Fields> = []) => ({
      flow_id: "bad",
      dsl_dict: { routines, connections },
    })
    const demo = { a: { class: "demo.Ingest" } }
    expect(await refused("POST", "/api/flows", flow({ a: { class: "no.Such" } }))).toEqual([
      400,
      "Routine 'a': unknown class 'no.Such'",
    ])
    expect(await refused("POST", "/api/flows", flow(demo, [{ from: "a.data_ingested", to: "gone.x" }]))).toEqual([
      400,
      "Connection a.data_ingested → gone.x: no routine 'gone'",
    ])
    expect(await refused("POST", "/api/flows", flow(demo, [{ from: "a.nothing", to: "a.trigger" }]))).toEqual([
      400,
      "Connection a.nothing → a.trigger: 'a' has no event 'nothing'",
    ])
    expect(await refused("POST", "/api/jobs", { ...entry(), entry_slot: "nowhere" })).toEqual([
      400,
      "Routine 'ingest' has no slot 'nowhere' (it has: trigger)",
    ])
    expect(await refused("POST", "/api/jobs", { ...entry(), flow_id: "gone" })).toEqual([404, "Flow 'gone' not found"])
    expect((await refused("POST", "/api/jobs", { flow_id: 1 }))[0]).toBe(422)
  })

  it("runs scripts below the script roots for the built-in shell, and none elsewhere", async () => {
    const shell = (config: Fields) => ({ run: { class: "annalist.Shell", config }, last: { class: "odd.Sink" } })
    await define("script", shell({ script: "echo.sh", args: ["said", "0"] }), [{ from: "run.output", to: "last.run" }])
    const ended = await job("script", "run", "input", { n: 1 })
    expect(ended["status"]).toBe("completed")
    const { body } = await running.ask("GET", `/api/jobs/${String(ended["job_id"])}/trace`)
    expect(body["events"]).toContainEqual(
      expect.objectContaining({
        event_type: "event_emit",
        data: { event: "output", data: { exit_code: 0, stdout: 'said {"n":1}\n', stderr: "" } },
      }),
    )
    await define("outside", shell({ script: "/bin/ls" }))
    expect((await job("outside", "run", "input"))["error"]).toMatch(/script lies outside the allowed roots: \/bin\/ls/)
  })
})
