// The WebSockets of seed 003 on the real program, by Python's own client.

import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { until } from "../program.ts"
import { wants } from "../support/wants.ts"
import { type Agent, agent, dataProcessing, entry, type Fields } from "./drive.ts"
import { connect } from "./webSocket.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const types = (messages: ReadonlyArray<Fields>) => messages.map((one) => one["type"])

wants("python3-websockets").describe("a WebSocket", () => {
  let running: Agent
  beforeAll(async () => {
    running = await agent()
    await running.ask("POST", "/api/flows", dataProcessing("demo"))
  })
  afterAll(() => running.close())
  const at = (path: string) => `${running.http}${path}`
  const start = async (fields: Fields = {}) => {
    const { status, body } = await running.ask("POST", "/api/jobs", { ...entry(), ...fields })
    expect(status).toBe(201)
    return String(body["job_id"])
  }

  it("monitors a job: figures first, then each of its events, and heartbeats", async () => {
    const job = await start({ paused: true })
    const socket = await connect(at(`/api/ws/jobs/${job}/monitor`))
    expect(socket.extensions).toEqual([])
    expect(await socket.next("metrics")).toMatchObject({ job_id: job, metrics: { total_routines: 3, total_events: 0 } })
    await running.ask("POST", `/api/jobs/${job}/resume`)
    await socket.next("job_completed")
    expect(types(socket.heard())).toEqual([
      "metrics",
      "job_resumed",
      ...["ingest", "process"].flatMap(() => ["routine_start", "event_emit", "routine_complete"]),
      "routine_start",
      "routine_complete",
      "job_completed",
    ])
    expect(socket.heard().find((one) => one["type"] === "routine_complete")).toMatchObject({
      event_type: "routine_complete",
      job_id: job,
      routine_id: "ingest",
      data: { result: { data: [1, 2, 3, 4, 5] } },
      status: "completed",
    })
    expect(await socket.next("ping")).toEqual({ type: "ping" })
    await socket.close()
  })

  it("goes on after a reconnect where it was left, without a gap", async () => {
    const job = await start({ paused: true })
    const first = await connect(at(`/api/ws/jobs/${job}/monitor`))
    const { position } = await first.next("metrics")
    await first.close()
    await running.ask("POST", `/api/jobs/${job}/resume`)
    await running.over(job)
    const whole = await connect(at(`/api/ws/jobs/${job}/monitor?from=${Number(position) + 1}`))
    await whole.next("job_completed")
    const told = whole.heard().slice(1)
    const middle = told[4]
    const again = await connect(at(`/api/ws/jobs/${job}/monitor?from=${String(middle?.["position"])}`))
    await again.next("job_completed")
    expect(again.heard().slice(1)).toEqual(told.slice(4))
    await Promise.all([whole.close(), again.close()])
  })

  it("tells only what its client subscribed to", async () => {
    const job = await start({ paused: true })
    const socket = await connect(at(`/api/ws/jobs/${job}/monitor`))
    socket.send({ action: "subscribe", events: ["routine_error", "job_completed"] })
    expect(await socket.next("subscription:confirmed")).toMatchObject({ action: "subscribe" })
    socket.send({ action: "dance" })
    expect((await socket.next("error"))["detail"]).toMatch(/action is subscribe/)
    await running.ask("POST", `/api/jobs/${job}/resume`)
    await socket.next("job_completed")
    expect(types(socket.heard())).toEqual(["metrics", "subscription:confirmed", "error", "job_completed"])
    socket.send({ action: "subscribe_all" })
    expect(await socket.next("subscription:confirmed")).toMatchObject({ action: "subscribe_all" })
    await socket.close()
  })

  it("debugs: stops where it is told, and answers each command with its result", async () => {
    const job = await start({ paused: true })
    await running.ask("POST", `/api/jobs/${job}/breakpoints`, { routine_id: "process", condition: "len(data) > 4" })
    const socket = await connect(at(`/api/ws/jobs/${job}/debug`))
    expect(await socket.next("debug_session")).toMatchObject({ job_id: job, status: "paused" })
    socket.send({ command: "continue" })
    expect(await socket.next("breakpoint_hit")).toMatchObject({
      job_id: job,
      breakpoint: { routine_id: "process", condition: "len(data) > 4" },
    })
    expect(await socket.next("result")).toMatchObject({ command: "continue", status: "resumed" })
    socket.send({ command: "get_variables" })
    expect(await socket.next("result")).toMatchObject({
      command: "get_variables",
      variables: { local: { data: [1, 2, 3, 4, 5], count: 5 }, shared: {} },
    })
    socket.send({ command: "get_call_stack" })
    expect(await socket.next("result")).toMatchObject({
      frames: [
        { routine_id: "process", slot_name: "data_ingested", line: 19 },
        { routine_id: "ingest", slot_name: "trigger", line: 8 },
      ],
    })
    socket.send({ command: "set_variable", variable: "data", value: [10] })
    expect(await socket.next("result")).toMatchObject({ command: "set_variable", status: "set" })
    socket.send({ command: "step_into", id: 7 })
    expect(await socket.next("result")).toMatchObject({
      command: "step_into",
      id: 7,
      paused_at: { routine_id: "process", event_name: "data_processed" },
    })
    socket.send({ command: "evaluate", expression: "1" })
    expect(await socket.next("error")).toMatchObject({ command: "evaluate", code: 403 })
    socket.send({ command: "fly" })
    expect((await socket.next("error"))["detail"]).toMatch(/command is one of step_over/)
    socket.text("not json")
    expect((await socket.next("error"))["detail"]).toBe("a message is a JSON object, as text")
    socket.send({ command: "step_over" })
    await socket.next("job_completed")
    expect((await running.ask("GET", `/api/jobs/${job}/state`)).body["shared_data"]).toEqual({ processed: 1 })
    await socket.close()
  })

  it("monitors a flow: all its jobs, those too that begin later", async () => {
    const socket = await connect(at("/api/ws/flows/data_processing/monitor"))
    const { total_jobs: before } = await socket.next("flow_metrics")
    expect(before).toBeGreaterThan(0)
    const job = await start()
    const event = await socket.next("flow_job_event")
    expect(event).toMatchObject({ flow_id: "data_processing", job_id: job, event: { type: "job_started" } })
    await socket.close()
  })

  it("subscribes to jobs one by one on the general one, and tells how it stands", async () => {
    const job = await start({ paused: true })
    for (const path of ["/api/ws", "/ws"]) {
      const socket = await connect(at(path))
      socket.send({ type: "subscribe", job_id: "gone" })
      expect(await socket.next("error")).toMatchObject({ detail: "Job 'gone' not found" })
      socket.send({ type: "subscribe", job_id: job })
      expect(await socket.next("subscribed")).toEqual({ type: "subscribed", job_id: job })
      const status = await running.ask("GET", "/api/ws/status")
      expect(status.body["jobs"]).toMatchObject({ [job]: { subscriber_count: 1, max_size: 100 } })
      await socket.close()
    }
    const socket = await connect(at("/ws"))
    socket.send({ type: "subscribe", job_id: job })
    await socket.next("subscribed")
    await running.ask("POST", `/api/jobs/${job}/resume`)
    expect(await socket.next("job_completed")).toMatchObject({ job_id: job, data: { error: null } })
    const told = types(socket.heard())
    for (const one of ["routine_started", "slot_called", "event_emitted", "routine_completed"])
      expect(told).toContain(one)
    await socket.close()
  })

  it("is refused before the upgrade for what is not there, and for whoever may not", async () => {
    const refused = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
      const socket = await connect(at(path), headers)
      await socket.close()
      return socket.refused
    }
    expect(await refused("/api/ws/jobs/gone/monitor")).toBe(404)
    expect(await refused("/api/ws/flows/gone/monitor")).toBe(404)
    expect(await refused("/api/ws/jobs/gone/debug")).toBe(404)
    expect(await refused("/api/ws/nowhere")).toBe(404)
    expect(await refused("/ws", { origin: "https://evil.example" })).toBe(403)
    expect(await refused("/ws", { authorization: "Bearer wrong" })).toBe(401)
    const plain = await running.ask("GET", "/ws")
    expect([plain.status, plain.body["detail"]]).toEqual([
      426,
      "/ws is a WebSocket; ask with Connection: Upgrade and Upgrade: websocket",
    ])
  })

  it("lets a client go that takes nothing, with the place to go on from", async () => {
    const socket = await connect(at("/api/ws/flows/data_processing/monitor"))
    await socket.next("flow_metrics")
    socket.read(false)
    // More than both ends of a connection hold by themselves.
    const data = Array.from({ length: 30_000 }, (_, index) => index)
    const jobs = await Promise.all(Array.from({ length: 40 }, () => start({ entry_params: { data } })))
    await Promise.all(jobs.map(running.over))
    const gone = async () => (await running.ask("GET", "/api/ws/status")).body["connections"] === 0 || null
    await until(gone, "the end of a client that takes nothing", 60_000)
    socket.read(true)
    const { code, reason } = await socket.closed()
    expect(code).toBe(1013)
    const from = Number(/^too slow; go on with \?from=(\d+)$/.exec(String(reason))?.[1])
    const positions = (messages: ReadonlyArray<Fields>) => messages.map((one) => Number(one["position"]))
    expect(from).toBeGreaterThan(Math.max(...positions(socket.heard())))
    const again = await connect(at(`/api/ws/flows/data_processing/monitor?from=${from}`))
    expect((await again.next("flow_job_event"))["position"]).toBe(from)
    await Promise.all([socket.close(), again.close()])
  })
})
